/*
 * The kernels of plain.mjs for float32, in WebAssembly with SIMD: four numbers at a time.
 */

import { assemble, f32, i32, Routine, v128 } from "./assembler.mjs";
import { PlainKernels } from "./plain.mjs";

const FOUR = i32.const(16); // bytes of four numbers

/** Kernels that work in the memory of an arena. */
export class SimdKernels extends PlainKernels {
  constructor(memory) {
    super();
    this.run = available() && new WebAssembly.Instance(module, { lab: { memory } }).exports;
  }

  multiply(out, a, b, rows, bias = null) {
    const start = bias ? bias.pointer : 0;
    this.run.multiply(out.pointer, out.stride * 4, a.pointer, a.stride * 4, 4, b.pointer, b.stride * 4, start, rows, b.rows, b.stride * 4);
  }

  multiplyTransposed(out, a, b, rows) {
    this.run.multiply(out.pointer, out.stride * 4, a.pointer, 4, a.stride * 4, b.pointer, b.stride * 4, 0, a.columns, rows, b.stride * 4);
  }

  transpose(out, a) {
    this.run.transpose(out.pointer, out.stride * 4, a.pointer, a.stride * 4, a.rows, a.columns);
  }

  sumRows(out, a, rows) {
    this.run.sumRows(out.pointer, a.pointer, a.stride * 4, rows);
  }

  activate(name, out, x, rows) {
    if (name === "sigmoid") super.activate(name, out, x, rows);
    else this.run[name](out.pointer, x.pointer, rows * x.stride * 4);
  }

  differentiate(name, dx, dout, h, rows) {
    if (name === "sigmoid") super.differentiate(name, dx, dout, h, rows);
    else this.run[`${name}Slope`](dx.pointer, dout.pointer, h.pointer, rows * h.stride * 4);
  }

  add(out, a, b, rows) {
    this.run.add(out.pointer, a.pointer, b.pointer, rows * a.stride * 4);
  }

  normalise(out, x, { xhat, mean, squares, r, gamma, beta, eps }, rows, divisor) {
    const { pointer: to, stride } = out;
    this.run.normalise(
      to, x.pointer, xhat.pointer, mean.pointer, squares.pointer, r.pointer, gamma.pointer, beta.pointer,
      stride * 4, rows * stride * 4, rows, divisor, eps,
    );
  }

  normaliseBackward(dx, dout, { xhat, r, gamma, grads }, rows, divisor) {
    const { pointer: to, stride } = dx;
    this.run.normaliseBackward(
      to, dout.pointer, xhat.pointer, r.pointer, gamma.pointer, grads.gamma.pointer, grads.beta.pointer,
      stride * 4, rows * stride * 4, rows, divisor,
    );
  }

  softmax(dlogits, logits, targets, rows) {
    const { stride, columns, data } = logits;
    // The padding must not win the maximum, nor add to the sum.
    for (let i = 0; i < rows; i++) for (let j = columns; j < stride; j++) data[i * stride + j] = -3e38;
    this.run.exponentials(dlogits.pointer, logits.pointer, stride * 4, rows);
    let total = 0;
    const changed = dlogits.data;
    for (let i = 0; i < rows; i++) {
      const from = i * stride;
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += changed[from + j];
      const scale = 1 / (sum * rows);
      for (let j = 0; j < columns; j++) changed[from + j] *= scale;
      for (let j = columns; j < stride; j++) changed[from + j] = data[from + j] = 0;
      changed[from + targets[i]] -= 1 / rows;
      let largest = -Infinity;
      for (let j = 0; j < columns; j++) largest = Math.max(largest, data[from + j]);
      total += Math.log(sum) + largest - data[from + targets[i]];
    }
    return total / rows;
  }

  descend(parameters, gradients, rate) {
    this.run.descend(parameters.byteOffset, gradients.byteOffset, parameters.byteLength, rate);
  }
}

/** The routines, with a · b + c rounded once or, where `fused` is false, twice. */
function routines(fused) {
  const madd = fused ? v128.fused : (a, b, c) => v128.add(v128.mul(a, b), c);
  return [multiply(madd), ...OTHERS];
}

/** The compiled kernels; undefined where there is no WebAssembly with SIMD. */
function compile() {
  if (typeof WebAssembly === "undefined") return undefined;
  const bytes = [true, false].map((fused) => assemble(routines(fused))).find((code) => WebAssembly.validate(code));
  return bytes && new WebAssembly.Module(bytes);
}

let module;

/** Whether these kernels can run here. */
export const available = () => (module ??= compile() ?? null) !== null;

/** `body(offset)` for every four numbers of an array of `size` bytes. */
function everyFour(routine, size, body) {
  const at = routine.let("i32", i32.const(0));
  routine.loop(at, routine.get(size), FOUR, () => body(routine.get(at)));
}

/**
 * out = a @ b + bias, where the number (i, k) of a is at a + i · aRow + k · aInner. Blocks of 4 rows by 8 columns are
 * summed in registers; what is left over in blocks of fewer.
 */
function multiply(madd) {
  const f = new Routine("multiply", {
    out: "i32", outRow: "i32", a: "i32", aRow: "i32", aInner: "i32", b: "i32", bRow: "i32", bias: "i32",
    rows: "i32", inner: "i32", width: "i32",
  });
  const get = (variable) => f.get(variable);
  const column = f.local("i32"); // in bytes
  const k = f.local("i32");
  const bAt = f.local("i32");
  const outAt = f.local("i32");
  const aAt = Array.from({ length: 4 }, () => f.local("i32"));
  const sums = Array.from({ length: 8 }, () => f.local("v128"));
  const right = Array.from({ length: 2 }, () => f.local("v128"));
  const factor = f.local("v128");

  const block = (height, vectors) => {
    for (let r = 0; r < height; r++) {
      for (let v = 0; v < vectors; v++) f.set(sums[2 * r + v], v128.const(0));
      f.set(aAt[r], r ? i32.add(get(aAt[r - 1]), get("aRow")) : get("a"));
    }
    f.set(bAt, i32.add(get("b"), get(column)));
    f.set(k, i32.const(0));
    f.loop(k, get("inner"), i32.const(1), () => {
      for (let v = 0; v < vectors; v++) f.set(right[v], v128.load(get(bAt), 16 * v));
      for (let r = 0; r < height; r++) {
        f.set(factor, v128.loadSplat(get(aAt[r])));
        for (let v = 0; v < vectors; v++)
          f.set(sums[2 * r + v], madd(get(factor), get(right[v]), get(sums[2 * r + v])));
        f.advance(aAt[r], get("aInner"));
      }
      f.advance(bAt, get("bRow"));
    });
    f.when(get("bias"), () => {
      for (let v = 0; v < vectors; v++) {
        f.set(right[v], v128.load(i32.add(get("bias"), get(column)), 16 * v));
        for (let r = 0; r < height; r++) f.set(sums[2 * r + v], v128.add(get(sums[2 * r + v]), get(right[v])));
      }
    });
    f.set(outAt, i32.add(get("out"), get(column)));
    for (let r = 0; r < height; r++) {
      for (let v = 0; v < vectors; v++) f.emit(v128.store(get(outAt), get(sums[2 * r + v]), 16 * v));
      f.advance(outAt, get("outRow"));
    }
  };
  const blocksOfRows = (height) => {
    const row = f.local("i32");
    f.set(row, i32.const(height));
    // row is the number of rows after this block; the block is done while that many are there.
    f.loop(row, i32.add(get("rows"), i32.const(1)), i32.const(height), () => {
      f.set(column, i32.const(0));
      f.loop(column, i32.sub(get("width"), i32.const(16)), i32.const(32), () => block(height, 2));
      f.loop(column, get("width"), FOUR, () => block(height, 1));
      f.advance("a", i32.mul(get("aRow"), i32.const(height)));
      f.advance("out", i32.mul(get("outRow"), i32.const(height)));
    });
    f.set("rows", i32.sub(get("rows"), i32.sub(get(row), i32.const(height))));
  };
  blocksOfRows(4);
  blocksOfRows(1);
  return f;
}

/** out = aᵀ, number by number. */
function transpose() {
  const f = new Routine("transpose", { out: "i32", outRow: "i32", a: "i32", aRow: "i32", rows: "i32", columns: "i32" });
  const get = (variable) => f.get(variable);
  const [i, j, from, to] = ["i32", "i32", "i32", "i32"].map((type) => f.local(type));
  f.loop(i, get("rows"), i32.const(1), () => {
    f.set(from, get("a"));
    f.set(to, get("out"));
    f.set(j, i32.const(0));
    f.loop(j, get("columns"), i32.const(1), () => {
      f.emit(f32.store(get(to), f32.load(get(from))));
      f.advance(from, i32.const(4));
      f.advance(to, get("outRow"));
    });
    f.advance("a", get("aRow"));
    f.advance("out", i32.const(4));
  });
  return f;
}

/** `body(at)` for `rows` rows, from byte `start` on. */
function everyRow(f, start, rowBytes, rows, body) {
  const at = f.let("i32", start);
  const i = f.let("i32", i32.const(0));
  f.loop(i, f.get(rows), i32.const(1), () => {
    body(at);
    f.advance(at, f.get(rowBytes));
  });
}

function sumRows() {
  const f = new Routine("sumRows", { out: "i32", a: "i32", row: "i32", rows: "i32" });
  everyFour(f, "row", (column) => {
    const sum = f.let("v128", v128.const(0));
    everyRow(f, i32.add(f.get("a"), column), "row", "rows", (at) => {
      f.set(sum, v128.add(f.get(sum), v128.load(f.get(at))));
    });
    f.emit(v128.store(i32.add(f.get("out"), column), f.get(sum)));
  });
  return f;
}

/** A routine that computes out[i] from x[i], or from x[i] and y[i], for every number. */
function elementwise(name, formula, operands = ["x"]) {
  const parameters = Object.fromEntries(["out", ...operands, "size"].map((key) => [key, "i32"]));
  const f = new Routine(name, parameters);
  everyFour(f, "size", (offset) => {
    const values = operands.map((operand) => f.let("v128", v128.load(i32.add(f.get(operand), offset))));
    const result = formula(f, ...values.map((value) => f.get(value)));
    f.emit(v128.store(i32.add(f.get("out"), offset), result));
  });
  return f;
}

const polynomial = (coefficients, x) =>
  coefficients.slice(1).reduce((y, c) => v128.add(v128.mul(y, x), v128.const(c)), v128.const(coefficients[0]));

/** exp x for x from −87 to 88. Polynomial: Cephes, expf. */
function exponential(f, argument) {
  const x = f.let("v128", v128.min(v128.max(argument, v128.const(-87)), v128.const(88)));
  const n = f.let("v128", v128.floor(v128.add(v128.mul(f.get(x), v128.const(Math.LOG2E)), v128.const(0.5))));
  f.set(x, v128.sub(f.get(x), v128.mul(f.get(n), v128.const(0.693359375))));
  f.set(x, v128.sub(f.get(x), v128.mul(f.get(n), v128.const(-2.1219444e-4))));
  const p = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1];
  const square = v128.mul(f.get(x), f.get(x));
  const y = v128.add(v128.add(v128.mul(polynomial(p, f.get(x)), square), f.get(x)), v128.const(1));
  const power = v128.shiftWords(v128.addWords(v128.toWords(f.get(n)), v128.words(127)), i32.const(23));
  return v128.mul(y, power);
}

/** tanh x: an odd polynomial (Cephes, tanhf) below 0.625, and 1 − 2 / (exp 2|x| + 1) from there on. */
function tanh(f, x) {
  const size = f.let("v128", v128.abs(x));
  const square = f.let("v128", v128.mul(x, x));
  const p = [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1];
  const small = v128.add(v128.mul(v128.mul(polynomial(p, f.get(square)), f.get(square)), x), x);
  const e = exponential(f, v128.min(v128.add(f.get(size), f.get(size)), v128.const(40)));
  const large = v128.sub(v128.const(1), v128.div(v128.const(2), v128.add(e, v128.const(1))));
  const sign = v128.words(0x80000000 | 0);
  const signed = v128.or(large, v128.and(x, sign));
  return v128.select(small, signed, v128.below(f.get(size), v128.const(0.625)));
}

/** out = exp(logits − their largest), by rows. */
function exponentials() {
  const f = new Routine("exponentials", { out: "i32", logits: "i32", row: "i32", rows: "i32" });
  everyRow(f, f.get("logits"), "row", "rows", (at) => {
    const largest = f.let("v128", v128.const(-3e38));
    everyFour(f, "row", (column) => {
      f.set(largest, v128.max(f.get(largest), v128.load(i32.add(f.get(at), column))));
    });
    const lanes = [0, 1, 2, 3].map((n) => v128.lane(f.get(largest), n));
    f.set(largest, v128.splat(lanes.reduce((a, b) => f32.max(a, b))));
    everyFour(f, "row", (column) => {
      const difference = v128.sub(v128.load(i32.add(f.get(at), column)), f.get(largest));
      f.emit(v128.store(i32.add(f.get("out"), column), exponential(f, difference)));
    });
    f.advance("out", f.get("row"));
  });
  return f;
}

/** What emits `body(at)` for every row of a column of four numbers; `at` gives the address of an array there. */
function downwards(f, column) {
  const offset = f.local("i32");
  return (body) => {
    f.set(offset, column);
    f.loop(offset, f.get("size"), f.get("row"), () => body((array) => i32.add(f.get(array), f.get(offset))));
  };
}

function normalise() {
  const f = new Routine("normalise", {
    out: "i32", x: "i32", xhat: "i32", mean: "i32", squares: "i32", r: "i32", gamma: "i32", beta: "i32",
    row: "i32", size: "i32", rows: "f32", divisor: "f32", eps: "f32",
  });
  const get = (variable) => f.get(variable);
  everyFour(f, "row", (column) => {
    const down = downwards(f, column);
    const centre = f.let("v128", v128.const(0));
    down((at) => f.set(centre, v128.add(get(centre), v128.load(at("x")))));
    f.set(centre, v128.div(get(centre), v128.splat(get("rows"))));
    // The mean is rounded, so that what is centred has a small mean of its own; it is taken off again.
    const leftover = f.let("v128", v128.const(0));
    const squares = f.let("v128", v128.const(0));
    const value = f.local("v128");
    down((at) => {
      f.set(value, v128.sub(v128.load(at("x")), get(centre)));
      f.set(leftover, v128.add(get(leftover), get(value)));
      f.set(squares, v128.add(get(squares), v128.mul(get(value), get(value))));
    });
    f.set(value, v128.div(get(leftover), v128.splat(get("rows"))));
    f.set(centre, v128.add(get(centre), get(value)));
    f.set(squares, v128.max(v128.sub(get(squares), v128.mul(get(leftover), get(value))), v128.const(0)));
    const variance = v128.div(get(squares), v128.splat(get("divisor")));
    const r = f.let("v128", v128.div(v128.const(1), v128.sqrt(v128.add(variance, v128.splat(get("eps"))))));
    const gamma = f.let("v128", v128.load(i32.add(get("gamma"), column)));
    const beta = f.let("v128", v128.load(i32.add(get("beta"), column)));
    f.set(gamma, v128.mul(get(gamma), get(r)));
    f.set(beta, v128.sub(get(beta), v128.mul(get(centre), get(gamma))));
    f.emit(v128.store(i32.add(get("mean"), column), get(centre)));
    f.emit(v128.store(i32.add(get("squares"), column), get(squares)));
    f.emit(v128.store(i32.add(get("r"), column), get(r)));
    down((at) => {
      f.set(value, v128.load(at("x")));
      f.emit(v128.store(at("xhat"), v128.mul(v128.sub(get(value), get(centre)), get(r))));
      f.emit(v128.store(at("out"), v128.add(v128.mul(get(value), get(gamma)), get(beta))));
    });
  });
  return f;
}

function normaliseBackward() {
  const f = new Routine("normaliseBackward", {
    dx: "i32", dout: "i32", xhat: "i32", r: "i32", gamma: "i32", dgamma: "i32", dbeta: "i32",
    row: "i32", size: "i32", rows: "f32", divisor: "f32",
  });
  const get = (variable) => f.get(variable);
  everyFour(f, "row", (column) => {
    const down = downwards(f, column);
    const sum = f.let("v128", v128.const(0));
    const product = f.let("v128", v128.const(0));
    const dout = f.local("v128");
    down((at) => {
      f.set(dout, v128.load(at("dout")));
      f.set(sum, v128.add(get(sum), get(dout)));
      f.set(product, v128.add(get(product), v128.mul(get(dout), v128.load(at("xhat")))));
    });
    f.emit(v128.store(i32.add(get("dbeta"), column), get(sum)));
    f.emit(v128.store(i32.add(get("dgamma"), column), get(product)));
    const factor = v128.mul(v128.load(i32.add(get("gamma"), column)), v128.load(i32.add(get("r"), column)));
    const scale = f.let("v128", factor);
    f.set(sum, v128.div(get(sum), v128.splat(get("rows"))));
    f.set(product, v128.div(get(product), v128.splat(get("divisor"))));
    down((at) => {
      const rest = v128.sub(v128.sub(v128.load(at("dout")), get(sum)), v128.mul(v128.load(at("xhat")), get(product)));
      f.emit(v128.store(at("dx"), v128.mul(get(scale), rest)));
    });
  });
  return f;
}

/** parameters −= rate · gradients */
function descend() {
  const f = new Routine("descend", { parameters: "i32", gradients: "i32", size: "i32", rate: "f32" });
  everyFour(f, "size", (offset) => {
    const change = v128.mul(v128.splat(f.get("rate")), v128.load(i32.add(f.get("gradients"), offset)));
    const at = i32.add(f.get("parameters"), offset);
    f.emit(v128.store(at, v128.sub(v128.load(at), change)));
  });
  return f;
}

const OTHERS = [
  transpose(), sumRows(), exponentials(), normalise(), normaliseBackward(), descend(),
  elementwise("add", (f, x, y) => v128.add(x, y), ["x", "y"]),
  elementwise("tanh", tanh),
  elementwise("tanhSlope", (f, d, h) => v128.mul(d, v128.sub(v128.const(1), v128.mul(h, h))), ["d", "h"]),
  elementwise("relu", (f, x) => v128.max(x, v128.const(0))),
  elementwise("reluSlope", (f, d, h) => v128.and(d, v128.above(h, v128.const(0))), ["d", "h"]),
  elementwise("linear", (f, x) => x),
  elementwise("linearSlope", (f, d) => d, ["d", "h"]),
];
