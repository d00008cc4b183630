/*
 * The arithmetic of the layers in plain JavaScript, for float64 and wherever there is no WebAssembly with SIMD. Results are
 * rounded to the precision of the matrix that they are stored in.
 *
 * Every kernel works on the first `rows` rows of its matrices.
 */

/** What each activation does to a number, and the slope, from the result h. */
export const ACTIVATIONS = {
  tanh: { value: Math.tanh, slope: (h) => 1 - h * h },
  relu: { value: (x) => (x > 0 ? x : x === x ? 0 : x), slope: (h) => (h > 0 ? 1 : 0) },
  sigmoid: { value: (x) => 1 / (1 + Math.exp(-x)), slope: (h) => h * (1 - h) },
  linear: { value: (x) => x, slope: () => 1 },
};

/** To the precision of an array. */
export const roundingOf = (array) => (array instanceof Float32Array ? Math.fround : (x) => x);

export class PlainKernels {
  /** out = a @ b + bias */
  multiply(out, a, b, rows, bias = null) {
    const [outs, as, bs, biases] = [out.data, a.data, b.data, bias?.data];
    const row = new Float64Array(b.columns);
    for (let i = 0; i < rows; i++) {
      row.fill(0);
      for (let k = 0; k < b.rows; k++) {
        const factor = as[i * a.stride + k];
        const from = k * b.stride;
        for (let j = 0; j < row.length; j++) row[j] += factor * bs[from + j];
      }
      for (let j = 0; j < row.length; j++) outs[i * out.stride + j] = biases ? row[j] + biases[j] : row[j];
    }
  }

  /** out = aᵀ @ b, summed over the first rows of a and b. */
  multiplyTransposed(out, a, b, rows) {
    const [outs, as, bs] = [out.data, a.data, b.data];
    const row = new Float64Array(b.columns);
    for (let k = 0; k < a.columns; k++) {
      row.fill(0);
      for (let i = 0; i < rows; i++) {
        const factor = as[i * a.stride + k];
        const from = i * b.stride;
        for (let j = 0; j < row.length; j++) row[j] += factor * bs[from + j];
      }
      for (let j = 0; j < row.length; j++) outs[k * out.stride + j] = row[j];
    }
  }

  /** out = aᵀ */
  transpose(out, a) {
    const [outs, as] = [out.data, a.data];
    for (let i = 0; i < a.rows; i++)
      for (let j = 0; j < a.columns; j++) outs[j * out.stride + i] = as[i * a.stride + j];
  }

  /** out = the sum of the rows of a */
  sumRows(out, a, rows) {
    const [outs, as] = [out.data, a.data];
    for (let j = 0; j < a.columns; j++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += as[i * a.stride + j];
      outs[j] = sum;
    }
  }

  /** out = activation(x) */
  activate(name, out, x, rows) {
    const [outs, xs] = [out.data, x.data];
    const { value } = ACTIVATIONS[name];
    for (let i = 0; i < rows * x.stride; i++) outs[i] = value(xs[i]);
  }

  /** dx = dout · slope of the activation whose result is h */
  differentiate(name, dx, dout, h, rows) {
    const [dxs, douts, hs] = [dx.data, dout.data, h.data];
    const { slope } = ACTIVATIONS[name];
    for (let i = 0; i < rows * h.stride; i++) dxs[i] = douts[i] * slope(hs[i]);
  }

  /** out = a + b */
  add(out, a, b, rows) {
    const [outs, as, bs] = [out.data, a.data, b.data];
    for (let i = 0; i < rows * a.stride; i++) outs[i] = as[i] + bs[i];
  }

  /**
   * out = gamma · xhat + beta, where xhat is x less its batch mean, over the standard deviation; keeps xhat, the mean,
   * the sum of squares about it, and r = 1 / √(squares / divisor + eps). As PyTorch does, it multiplies x with
   * gamma · r and adds what is left, beta − mean · gamma · r.
   */
  normalise(out, x, { xhat, mean, squares, r, gamma, beta, eps }, rows, divisor) {
    const [outs, xs, xhats] = [out.data, x.data, xhat.data];
    const round = roundingOf(outs);
    for (let j = 0; j < x.columns; j++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += xs[i * x.stride + j];
      const centre = sum / rows;
      let sumOfSquares = 0;
      for (let i = 0; i < rows; i++) sumOfSquares += (xs[i * x.stride + j] - centre) ** 2;
      mean.data[j] = centre;
      squares.data[j] = sumOfSquares;
      r.data[j] = 1 / Math.sqrt(sumOfSquares / divisor + eps);
      const scale = round(r.data[j] * gamma.data[j]);
      const shift = round(beta.data[j] - round(mean.data[j] * scale));
      for (let i = 0; i < rows; i++) {
        const at = i * x.stride + j;
        xhats[at] = (xs[at] - mean.data[j]) * r.data[j];
        outs[at] = round(xs[at] * scale) + shift;
      }
    }
  }

  /** dx = gamma · r · (dout − Σ dout / N − xhat · Σ dout · xhat / divisor); keeps the gradients of gamma and beta. */
  normaliseBackward(dx, dout, { xhat, r, gamma, grads }, rows, divisor) {
    const [xhats, dxs, douts] = [xhat.data, dx.data, dout.data];
    for (let j = 0; j < dout.columns; j++) {
      let sum = 0;
      let product = 0;
      for (let i = 0; i < rows; i++) {
        const at = i * dout.stride + j;
        sum += douts[at];
        product += douts[at] * xhats[at];
      }
      grads.beta.data[j] = sum;
      grads.gamma.data[j] = product;
      const factor = gamma.data[j] * r.data[j];
      for (let i = 0; i < rows; i++) {
        const at = i * dout.stride + j;
        dxs[at] = factor * (douts[at] - sum / rows - (xhats[at] * product) / divisor);
      }
    }
  }

  /**
   * dlogits = (softmax(logits) − one-hot(targets)) / rows. Returns the mean cross-entropy, in nats.
   */
  softmax(dlogits, logits, targets, rows) {
    const [changed, values] = [dlogits.data, logits.data];
    let total = 0;
    for (let i = 0; i < rows; i++) {
      const from = i * logits.stride;
      let largest = -Infinity;
      for (let j = 0; j < logits.columns; j++) largest = Math.max(largest, values[from + j]);
      let sum = 0;
      for (let j = 0; j < logits.columns; j++) sum += Math.exp(values[from + j] - largest);
      for (let j = 0; j < logits.columns; j++) {
        const probability = Math.exp(values[from + j] - largest) / sum;
        changed[from + j] = (probability - (j === targets[i] ? 1 : 0)) / rows;
      }
      total += Math.log(sum) + largest - values[from + targets[i]];
    }
    return total / rows;
  }

  /** parameters −= rate · gradients, each operation rounded as the arrays are. */
  descend(parameters, gradients, rate) {
    const round = roundingOf(parameters);
    const rounded = round(rate);
    for (let i = 0; i < parameters.length; i++) parameters[i] -= round(rounded * gradients[i]);
  }
}
