/*
 * The two networks of the course as lists of layers, with one block of memory for each network.
 */

import { Arena } from "./arena.mjs";
import { Activation, BatchNorm, Embedding, Linear, Residual } from "./layers.mjs";
import { PlainKernels } from "./plain.mjs";
import { available, SimdKernels } from "./simd.mjs";

export const CHARACTERS = 27;
export const BLOCK = 3;
export const EMBEDDING = 10;

/** Rows that every network can take at once, whatever its batch: the names that it makes up together. */
const NAMES_AT_ONCE = 10;

/** A network with the settings of one side of the laboratory; its parameters are 0 until `start` fills them. */
export class Network {
  constructor(settings, accelerated = true) {
    this.settings = settings;
    this.classes = CHARACTERS;
    this.rows = Math.max(settings.batch, NAMES_AT_ONCE);
    this.build();
    const arena = new Arena(settings.precision, accelerated && settings.precision === "float32" && available());
    const parts = this.every();
    const start = arena.size;
    for (const layer of parts) for (const [name, shape] of Object.entries(layer.shapes)) layer[name] = arena.matrix(...shape);
    const size = arena.size - start;
    for (const layer of parts) {
      layer.grads = {};
      for (const [name, shape] of Object.entries(layer.shapes)) layer.grads[name] = arena.matrix(...shape);
    }
    for (const layer of parts) layer.reserve(arena, this.rows);
    this.dlogits = arena.matrix(this.rows, CHARACTERS);
    arena.seal();
    this.kernels = arena.accelerated ? new SimdKernels(arena.memory) : new PlainKernels();
    for (const layer of parts) layer.kernels = this.kernels;
    this.parameters = arena.numbers(start, size);
    this.gradients = arena.numbers(start + size, size);
  }

  /** Embedding, then for each hidden layer linear → (BatchNorm) → activation, then linear → (BatchNorm). */
  build() {
    const { net, depth, width, act, bn, bias, residual } = this.settings;
    const deep = net === "deep";
    this.embedding = new Embedding(CHARACTERS, EMBEDDING, BLOCK);
    this.hidden = [];
    this.layers = [];
    for (let i = 0; i < (deep ? depth : 1); i++) {
      const fanIn = i ? width : BLOCK * EMBEDDING;
      const linear = new Linear(fanIn, width, bn !== "before" || bias);
      const activation = new Activation(act, width);
      const norm = bn === "off" ? null : new BatchNorm(width, this.settings);
      const block = { off: [linear, activation], before: [linear, norm, activation], after: [linear, activation, norm] }[bn];
      this.hidden.push({ linear, norm, activation, before: bn === "before" ? norm : linear });
      if (deep && residual && i) this.layers.push(new Residual(block, width));
      else this.layers.push(...block);
    }
    const normalised = deep && bn === "before";
    this.output = new Linear(width, CHARACTERS, !normalised || bias);
    this.outputNorm = normalised ? new BatchNorm(CHARACTERS, this.settings) : null;
    this.layers.push(this.output, ...(normalised ? [this.outputNorm] : []));
  }

  /** All layers, those inside others too, in the order of the forward pass. */
  every() {
    return [this.embedding, ...this.layers.flatMap((layer) => [...(layer.layers ?? []), layer])];
  }

  /** Every BatchNorm. */
  norms() {
    return this.every().filter((layer) => layer instanceof BatchNorm);
  }

  /** The parameters by name: `embedding.weight`, `hidden.1.weight`, `hidden.1.gamma`, …, `output.bias`. */
  named() {
    const found = [];
    const take = (prefix, layer) => {
      for (const name of Object.keys(layer?.shapes ?? {})) found.push({ name: `${prefix}.${name}`, value: layer[name], grad: layer.grads[name] });
    };
    take("embedding", this.embedding);
    this.hidden.forEach(({ linear, norm }, i) => {
      take(`hidden.${i + 1}`, linear);
      take(`hidden.${i + 1}`, norm);
    });
    take("output", this.output);
    take("output", this.outputNorm);
    return found;
  }

  /** Logits of contexts, `rows` of them. */
  forward(contexts, rows, mode) {
    return this.layers.reduce((x, layer) => layer.forward(x, rows, mode), this.embedding.forward(contexts, rows));
  }

  /** Mean cross-entropy; `dlogits` then holds its gradient. */
  loss(contexts, targets, rows, mode) {
    return this.kernels.softmax(this.dlogits, this.forward(contexts, rows, mode), targets, rows);
  }

  /** Gradients of all parameters, after `loss`. */
  backward(rows) {
    const gradient = this.layers.reduceRight((dout, layer) => layer.backward(dout, rows), this.dlogits);
    this.embedding.backward(gradient, rows);
  }

  /** One step of gradient descent. */
  update(rate) {
    this.kernels.descend(this.parameters, this.gradients, rate);
  }
}
