/*
 * A curve of one number a step, kept whole, and summed up in columns for drawing.
 */

const COLUMNS = 240;

export class Series {
  constructor(steps) {
    this.steps = steps;
    this.values = new Float32Array(steps);
    this.length = 0;
    this.perColumn = Math.ceil(steps / COLUMNS);
    const columns = Math.ceil(steps / this.perColumn);
    for (const name of ["sum", "least", "most", "some"]) this[name] = new Float64Array(columns);
  }

  append(values) {
    for (const value of values) {
      const column = Math.floor(this.length / this.perColumn);
      const first = this.length % this.perColumn === 0;
      this.sum[column] += value;
      this.least[column] = first ? value : Math.min(this.least[column], value);
      this.most[column] = first ? value : Math.max(this.most[column], value);
      this.some[column] = value;
      this.values[this.length++] = value;
    }
  }

  /** Mean of the last steps, as many as a hundredth of the run, and at least 20. */
  recent() {
    const count = Math.min(this.length, Math.max(20, Math.floor(this.steps / 100)));
    let sum = 0;
    for (let i = this.length - count; i < this.length; i++) sum += this.values[i];
    return count ? sum / count : NaN;
  }

  /** Step and mean of every column that has begun, smoothed over its neighbours. */
  means(reach = 2) {
    const columns = Math.ceil(this.length / this.perColumn);
    const count = (i) => Math.min(this.perColumn, this.length - i * this.perColumn);
    return Array.from({ length: columns }, (_, i) => {
      let [sum, n] = [0, 0];
      for (let j = Math.max(0, i - reach); j <= Math.min(columns - 1, i + reach); j++) {
        sum += this.sum[j];
        n += count(j);
      }
      return [(i + 0.5) * this.perColumn, sum / n];
    });
  }

  /** Steps and values of single batches: all of them in a short run, the extremes and one more of each column else. */
  dots() {
    const columns = Math.ceil(this.length / this.perColumn);
    const found = [];
    for (let i = 0; i < columns; i++)
      for (const values of this.perColumn > 1 ? [this.least, this.most, this.some] : [this.some])
        found.push([(i + 0.5) * this.perColumn, values[i]]);
    return found;
  }
}
