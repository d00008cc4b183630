/*
 * The layers of the network, with their backward passes by hand, under the names of `bncourse.manual`.
 *
 * Every layer has `forward(x, rows)`, which returns its result, and `backward(dout, rows)`, which returns the gradient with
 * respect to x and leaves that of each parameter in `grads`. A layer owns the matrices that it writes; `reserve` takes
 * them from the arena.
 */

import { roundingOf } from "./plain.mjs";

/** One learned vector per character; the vectors of a context's characters make one row. */
export class Embedding {
  constructor(characters, dim, block) {
    Object.assign(this, { characters, dim, block });
    this.shapes = { weight: [characters, dim] };
  }

  reserve(arena, rows) {
    this.out = arena.matrix(rows, this.block * this.dim);
  }

  /** Contexts as a list of characters, `block` of them a row. */
  forward(contexts, rows) {
    this.contexts = contexts;
    const { out, dim, block } = this;
    const { data, stride } = this.weight;
    for (let i = 0; i < rows * block; i++) {
      const to = Math.floor(i / block) * out.stride + (i % block) * dim;
      const from = contexts[i] * stride;
      for (let j = 0; j < dim; j++) out.data[to + j] = data[from + j];
    }
    return out;
  }

  /** Each occurrence of a character adds to its gradient. */
  backward(dout, rows) {
    const { contexts, dim, block } = this;
    const { data, stride } = this.grads.weight;
    data.fill(0);
    for (let i = 0; i < rows * block; i++) {
      const from = Math.floor(i / block) * dout.stride + (i % block) * dim;
      const to = contexts[i] * stride;
      for (let j = 0; j < dim; j++) data[to + j] += dout.data[from + j];
    }
  }
}

/** y = x @ weight + bias */
export class Linear {
  constructor(fanIn, fanOut, bias) {
    Object.assign(this, { fanIn, fanOut });
    this.shapes = bias ? { weight: [fanIn, fanOut], bias: [1, fanOut] } : { weight: [fanIn, fanOut] };
  }

  reserve(arena, rows) {
    this.out = arena.matrix(rows, this.fanOut);
    this.dx = arena.matrix(rows, this.fanIn);
    this.transposed = arena.matrix(this.fanOut, this.fanIn);
  }

  forward(x, rows) {
    this.x = x;
    this.kernels.multiply(this.out, x, this.weight, rows, this.bias);
    return this.out;
  }

  backward(dout, rows) {
    const { kernels, grads } = this;
    kernels.multiplyTransposed(grads.weight, this.x, dout, rows);
    if (this.bias) kernels.sumRows(grads.bias, dout, rows);
    kernels.transpose(this.transposed, this.weight);
    kernels.multiply(this.dx, dout, this.transposed, rows);
    return this.dx;
  }
}

/** Normalise each unit over the batch, then y = gamma · xhat + beta. */
export class BatchNorm {
  constructor(dim, { eps, momentum, variance }) {
    Object.assign(this, { dim, eps, momentum, unbiased: variance === "unbiased" });
    this.shapes = { gamma: [1, dim], beta: [1, dim] };
    this.runningMean = new Float64Array(dim);
    this.runningVar = new Float64Array(dim).fill(1);
  }

  reserve(arena, rows) {
    for (const name of ["out", "xhat", "dx"]) this[name] = arena.matrix(rows, this.dim);
    for (const name of ["mean", "squares", "r"]) this[name] = arena.matrix(1, this.dim);
  }

  /** `mode` is "train", "eval", or "peek": the statistics of the batch, but nothing remembered. */
  forward(x, rows, mode) {
    if (mode === "eval") return this.evaluate(x, rows);
    this.kernels.normalise(this.out, x, this, rows, this.divisor(rows));
    if (mode === "train") {
      const round = roundingOf(this.out.data);
      for (let j = 0; j < this.dim; j++) {
        this.runningMean[j] = round(this.runningMean[j] + this.momentum * (this.mean.data[j] - this.runningMean[j]));
        const batchVar = this.squares.data[j] / (rows - 1);
        this.runningVar[j] = round(this.runningVar[j] + this.momentum * (batchVar - this.runningVar[j]));
      }
    }
    return this.out;
  }

  evaluate(x, rows) {
    const { out, dim, runningMean, runningVar, gamma, beta, eps } = this;
    for (let j = 0; j < dim; j++) {
      const scale = gamma.data[j] / Math.sqrt(runningVar[j] + eps);
      const shift = beta.data[j];
      for (let i = 0; i < rows; i++) {
        const at = i * x.stride + j;
        out.data[at] = (x.data[at] - runningMean[j]) * scale + shift;
      }
    }
    return out;
  }

  backward(dout, rows) {
    this.kernels.normaliseBackward(this.dx, dout, this, rows, this.divisor(rows));
    return this.dx;
  }

  /** What the sum of squares is divided by, to normalise. */
  divisor(rows) {
    return this.unbiased ? rows - 1 : rows;
  }
}

/** Tanh, ReLU, sigmoid, or nothing. */
export class Activation {
  constructor(name, dim) {
    Object.assign(this, { name, dim, shapes: {} });
  }

  reserve(arena, rows) {
    this.out = arena.matrix(rows, this.dim);
    this.dx = arena.matrix(rows, this.dim);
  }

  forward(x, rows) {
    this.kernels.activate(this.name, this.out, x, rows);
    return this.out;
  }

  backward(dout, rows) {
    this.dout = dout;
    this.kernels.differentiate(this.name, this.dx, dout, this.out, rows);
    return this.dx;
  }
}

/** y = x + the result of the layers inside, which keep the shape. */
export class Residual {
  constructor(layers, dim) {
    Object.assign(this, { layers, dim, shapes: {} });
  }

  reserve(arena, rows) {
    this.out = arena.matrix(rows, this.dim);
    this.dx = arena.matrix(rows, this.dim);
  }

  forward(x, rows, mode) {
    const inside = this.layers.reduce((values, layer) => layer.forward(values, rows, mode), x);
    this.kernels.add(this.out, x, inside, rows);
    return this.out;
  }

  backward(dout, rows) {
    const inside = this.layers.reduceRight((gradient, layer) => layer.backward(gradient, rows), dout);
    this.kernels.add(this.dx, dout, inside, rows);
    return this.dx;
  }
}
