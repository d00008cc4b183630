/*
 * PyTorch's random numbers on the CPU: the same seed gives the same numbers.
 *
 * Source of the generator: Matsumoto and Nishimura, "Mersenne Twister" (1998), MT19937. PyTorch reads the low 32 bits of
 * the seed; a uniform float32 is 24 bits of one draw, a uniform float64 53 bits of two.
 */

import { cosine, logarithm, sine } from "./single.mjs";

const N = 624;
const M = 397;

/** A `torch.Generator` on the CPU. */
export class Generator {
  constructor(seed) {
    this.state = new Uint32Array(N);
    this.seed(seed);
  }

  /** Start over, as `manual_seed` does. */
  seed(seed) {
    const { state } = this;
    state[0] = seed >>> 0;
    for (let i = 1; i < N; i++) {
      const previous = state[i - 1] ^ (state[i - 1] >>> 30);
      state[i] = Math.imul(1812433253, previous) + i;
    }
    this.next = N;
    this.secondNormal = null;
  }

  /** A generator that will draw what this one will draw. */
  copy() {
    const twin = Object.create(Generator.prototype);
    return Object.assign(twin, { state: this.state.slice(), next: this.next, secondNormal: this.secondNormal });
  }

  /** 32 random bits. */
  bits() {
    const { state } = this;
    if (this.next === N) {
      for (let i = 0; i < N; i++) {
        const pair = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
        state[i] = state[(i + M) % N] ^ (pair >>> 1) ^ (pair & 1 ? 0x9908b0df : 0);
      }
      this.next = 0;
    }
    let y = state[this.next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** A float32 in [0, 1). */
  uniform() {
    return (this.bits() & 0xffffff) / 0x1000000;
  }

  /** A float64 in [0, 1). */
  uniformDouble() {
    const high = this.bits() & 0x1fffff;
    return (high * 0x100000000 + this.bits()) / 0x20000000000000;
  }

  /** A whole number below n, for n up to 2³², as `torch.randint(0, n, …)` draws them. */
  integer(n) {
    return this.bits() % n;
  }

  /** `torch.empty(size).uniform_(from, to)`: float32. */
  uniforms(size, from = 0, to = 1) {
    const low = Math.fround(from);
    const range = Math.fround(Math.fround(to) - low);
    return Float32Array.from({ length: size }, () => this.uniform() * range + low); // rounded once, when stored
  }

  /** `torch.randn(size)`: float32, N(0, 1). */
  normals(size) {
    return size < 16 ? Float32Array.from({ length: size }, () => this.normal()) : this.manyNormals(size);
  }

  /** One number by Box and Muller's transform in float64; the second of each pair is kept for the next call. */
  normal() {
    if (this.secondNormal !== null) {
      const kept = this.secondNormal;
      this.secondNormal = null;
      return kept;
    }
    const angle = 2 * Math.PI * this.uniformDouble();
    const radius = Math.sqrt(-2 * Math.log1p(-this.uniformDouble()));
    this.secondNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Blocks of 16 by the same transform in float32; where 16 does not divide the size, the last 16 are drawn again. */
  manyNormals(size) {
    const values = new Float32Array(size);
    for (let i = 0; i < size; i++) values[i] = this.uniform();
    for (let i = 0; i + 16 <= size; i += 16) transform(values, i);
    if (size % 16) {
      for (let i = size - 16; i < size; i++) values[i] = this.uniform();
      transform(values, size - 16);
    }
    return values;
  }
}

/** Turn 8 + 8 uniform numbers into 8 + 8 normal ones, in place. */
function transform(values, first) {
  for (let i = first; i < first + 8; i++) {
    const radius = Math.fround(Math.sqrt(Math.fround(-2 * logarithm(Math.fround(1 - values[i])))));
    const angle = Math.fround(Math.fround(2 * Math.PI) * values[i + 8]);
    values[i] = radius * cosine(angle);
    values[i + 8] = radius * sine(angle);
  }
}
