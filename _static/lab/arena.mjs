/*
 * Memory of one network: matrices that lie one after the other, in a WebAssembly memory or in an ordinary buffer.
 */

/** A matrix by rows. In WebAssembly's memory each row is padded with zeros to a multiple of four numbers. */
export class Matrix {
  constructor(arena, rows, columns) {
    this.arena = arena;
    this.rows = rows;
    this.columns = columns;
    this.stride = Math.ceil(columns / arena.lanes) * arena.lanes;
    this.start = arena.reserve(rows * this.stride);
    this.pointer = this.start * 4; // in bytes; only WebAssembly asks, and has float32
  }

  /** All numbers, padding included. */
  get data() {
    this.view ??= this.arena.numbers(this.start, this.rows * this.stride);
    return this.view;
  }

  /** Copy numbers in, row by row without padding. */
  fill(values) {
    const { data, stride, rows, columns } = this;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) data[i * stride + j] = values[i * columns + j];
  }

  /** Copy the first rows out, without padding. */
  values(rows = this.rows) {
    const { data, stride, columns } = this;
    const values = new data.constructor(rows * columns);
    for (let i = 0; i < rows; i++) values.set(data.subarray(i * stride, i * stride + columns), i * columns);
    return values;
  }
}

/** Reserves matrices; the memory itself exists from `seal` on. */
export class Arena {
  constructor(precision, accelerated) {
    this.precision = precision;
    this.accelerated = accelerated;
    this.lanes = accelerated ? 4 : 1;
    this.size = 0;
  }

  reserve(numbers) {
    const start = this.size;
    this.size += numbers;
    return start;
  }

  matrix(rows, columns) {
    return new Matrix(this, rows, columns);
  }

  seal() {
    if (this.accelerated) {
      const pages = Math.ceil((this.size * 4) / 65536) || 1;
      this.memory = new WebAssembly.Memory({ initial: pages });
      this.buffer = this.memory.buffer;
    } else {
      this.buffer = new ArrayBuffer(this.size * (this.precision === "float64" ? 8 : 4));
    }
  }

  numbers(start, length) {
    const Numbers = this.precision === "float64" ? Float64Array : Float32Array;
    return new Numbers(this.buffer, start * Numbers.BYTES_PER_ELEMENT, length);
  }
}
