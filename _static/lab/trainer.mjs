/*
 * Training of one network, and of the networks of the laboratory side by side.
 */

import { start, nudge } from "./initialisation.mjs";
import { Generator } from "./mersenne.mjs";
import { BLOCK, Network } from "./network.mjs";

/** The dev loss is taken on this many pairs, the first ones of the dev split. */
export const DEV_PAIRS = 4096;
const NAMES = 10;
const NAMES_SEED = 2147483657;
const LONGEST_NAME = 20;

/** One network in training. */
export class Run {
  /** `minibatches`: a generator to take them from, if not the one that drew the parameters. */
  constructor(settings, data, { accelerated = true, twin = false, minibatches = null } = {}) {
    Object.assign(this, { settings, data, step: 0 });
    const generator = new Generator(settings.seed);
    this.network = new Network(settings, accelerated);
    start(this.network, generator);
    if (twin) nudge(this.network);
    this.generator = minibatches ?? generator;
    this.rates = [...settings.rates];
    this.losses = new Float64Array(settings.steps);
    this.indices = new Uint32Array(settings.batch);
    this.contexts = new Uint8Array(Math.max(settings.batch, NAMES) * BLOCK);
    this.targets = new Uint8Array(Math.max(settings.batch, NAMES));
  }

  /** The learning rate of a step. */
  rate(step = this.step) {
    const { lr, decay, steps } = this.settings;
    const [, base] = this.rates.findLast(([from]) => from <= step) ?? [0, lr];
    return decay && step >= Math.floor(steps / 2) ? base / 10 : base;
  }

  /** Use another learning rate from the next step on. */
  changeRate(rate) {
    this.rates = [...this.rates.filter(([from]) => from < this.step), [this.step, rate]];
  }

  /**
   * One step: a minibatch, forward, backward, update. Returns the loss before the update. `watch` is called between the
   * backward pass and the update.
   */
  advance(watch = null) {
    this.forwardBackward(this.generator, "train");
    watch?.();
    this.network.update(this.rate());
    this.losses[this.step++] = this.loss;
    return this.loss;
  }

  /** What the next step will see, without taking it: activations and gradients of its minibatch. */
  peek() {
    this.forwardBackward(this.generator.copy(), "peek");
  }

  forwardBackward(generator, mode) {
    const { train } = this.data;
    const { batch } = this.settings;
    for (let i = 0; i < batch; i++) {
      const pair = generator.integer(train.length);
      this.indices[i] = pair;
      for (let j = 0; j < BLOCK; j++) this.contexts[i * BLOCK + j] = train.contexts[pair * BLOCK + j];
      this.targets[i] = train.targets[pair];
    }
    this.loss = this.network.loss(this.contexts, this.targets, batch, mode);
    this.network.backward(batch);
  }

  /** Mean cross-entropy on the first dev pairs, in evaluation mode, or in training mode where that is what is asked for. */
  devLoss() {
    const { dev } = this.data;
    const { batch, dev: mode, bn } = this.settings;
    const together = bn !== "off" && mode === "train"; // each batch has statistics of its own
    const size = together ? batch : this.network.rows;
    let total = 0;
    let pairs = 0;
    for (let first = 0; first < Math.min(DEV_PAIRS, dev.length); first += size) {
      const rows = Math.min(size, DEV_PAIRS - first);
      if (together && rows < 2) break; // a rest of one has no statistics
      const contexts = dev.contexts.subarray(first * BLOCK, (first + rows) * BLOCK);
      const targets = dev.targets.subarray(first, first + rows);
      total += rows * this.network.loss(contexts, targets, rows, together ? "peek" : "eval");
      pairs += rows;
    }
    return total / pairs;
  }

  /** Ten names that the network makes up, from a generator of their own that always has the same seed. */
  names() {
    const generator = new Generator(NAMES_SEED);
    const names = Array.from({ length: NAMES }, () => "");
    const open = new Set(names.keys());
    const contexts = new Uint8Array(NAMES * BLOCK);
    const mode = this.settings.dev === "train" ? "peek" : "eval";
    for (let length = 0; length < LONGEST_NAME && open.size; length++) {
      const logits = this.network.forward(contexts, NAMES, mode);
      for (let i = 0; i < NAMES; i++) {
        const at = generator.uniform(); // drawn for finished names too, so that names do not depend on each other
        if (!open.has(i)) continue;
        const character = pick(logits.data.subarray(i * logits.stride, i * logits.stride + logits.columns), at);
        contexts.copyWithin(i * BLOCK, i * BLOCK + 1, (i + 1) * BLOCK);
        contexts[(i + 1) * BLOCK - 1] = character;
        if (character) names[i] += String.fromCharCode(96 + character);
        else open.delete(i);
      }
    }
    return names;
  }
}

/** The class whose share of softmax(logits) a number from 0 to 1 falls into. */
function pick(logits, at) {
  const largest = Math.max(...logits);
  const shares = Array.from(logits, (x) => Math.exp(x - largest));
  let rest = at * shares.reduce((sum, share) => sum + share, 0);
  const found = shares.findIndex((share) => (rest -= share) < 0);
  return Math.max(found, 0);
}

/**
 * The runs of a state, by name: "a", with a second network "b", and with twins "a2" and "b2". From the same seed they see
 * the same minibatches, whatever their networks have drawn.
 */
export function runsOf({ a, b, twin }, data, accelerated = true) {
  const runs = { a: new Run(a, data, { accelerated }) };
  const minibatches = (settings) => (settings.seed === a.seed ? runs.a.generator.copy() : null);
  if (b) runs.b = new Run(b, data, { accelerated, minibatches: minibatches(b) });
  if (twin) {
    runs.a2 = new Run(a, data, { accelerated, twin: true });
    if (b) runs.b2 = new Run(b, data, { accelerated, twin: true, minibatches: minibatches(b) });
  }
  return runs;
}
