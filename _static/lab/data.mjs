/*
 * The pairs of context and next character, from the names in the order of the split.
 */

import { BLOCK } from "./network.mjs";

/** Pairs as flat lists: `contexts` has BLOCK characters for each target. */
class Pairs {
  constructor(words) {
    this.length = words.reduce((sum, word) => sum + word.length + 1, 0);
    this.contexts = new Uint8Array(this.length * BLOCK);
    this.targets = new Uint8Array(this.length);
    let n = 0;
    for (const word of words) {
      const context = new Array(BLOCK).fill(0);
      for (let i = 0; i <= word.length; i++) {
        const character = i < word.length ? word.charCodeAt(i) - 96 : 0;
        this.contexts.set(context, n * BLOCK);
        this.targets[n++] = character;
        context.shift();
        context.push(character);
      }
    }
  }
}

/** The first 80 % of the names to train on, and the next 10 % to choose with. */
export function splitNames(text) {
  const words = text.split(" ");
  const first = Math.floor(0.8 * words.length);
  const second = Math.floor(0.9 * words.length);
  return { train: new Pairs(words.slice(0, first)), dev: new Pairs(words.slice(first, second)) };
}
