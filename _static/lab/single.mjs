/*
 * Logarithm, sine and cosine of a float32 to the last bit of what PyTorch's vectorised random numbers use.
 *
 * Polynomials: Moshier, Cephes Mathematical Library, single precision (logf, sinf, cosf). PyTorch evaluates them with
 * fused multiply-adds: a · b + c is rounded once.
 */

const round = Math.fround;
const bits = new DataView(new ArrayBuffer(4));

/** a · b + c for float32 numbers: the product is exact in float64, so only the sum is rounded. */
const fused = (a, b, c) => round(a * b + c);

const rounded = (...coefficients) => coefficients.map(round);

const LOG = rounded(
  7.0376836292e-2, -1.151461031e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
);
const [LN2_LOW, LN2_HIGH] = rounded(-2.1219444e-4, 0.693359375);
const ROOT_HALF = round(Math.SQRT1_2);

/** ln x, for a positive float32. */
export function logarithm(x) {
  bits.setFloat32(0, x);
  const word = bits.getUint32(0);
  let exponent = (word >>> 23) - 126;
  bits.setUint32(0, (word & 0x007fffff) | 0x3f000000);
  let m = bits.getFloat32(0); // 0.5 ≤ m < 1
  if (m < ROOT_HALF) {
    exponent -= 1;
    m = round(round(m - 1) + m);
  } else {
    m = round(m - 1);
  }
  const square = round(m * m);
  let y = LOG[0];
  for (let i = 1; i < LOG.length; i++) y = fused(y, m, LOG[i]);
  y = fused(round(y * m), square, round(exponent * LN2_LOW));
  y = fused(-square, 0.5, y);
  return fused(exponent, LN2_HIGH, round(m + y));
}

const [FOUR_OVER_PI] = rounded(1.27323954473516);
const PARTS = rounded(-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8);
const SINE = rounded(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1);
const COSINE = rounded(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2);

/** The octant of a positive angle, made even, and what remains of the angle. */
function reduce(angle) {
  const octant = (Math.trunc(round(angle * FOUR_OVER_PI)) + 1) & ~1;
  return [octant, PARTS.reduce((rest, part) => fused(octant, part, rest), angle)];
}

function cosineNearZero(x) {
  const z = round(x * x);
  let y = fused(fused(COSINE[0], z, COSINE[1]), z, COSINE[2]);
  y = round(y * z);
  return round(fused(y, z, -round(z * 0.5)) + 1);
}

function sineNearZero(x) {
  const z = round(x * x);
  const y = fused(fused(SINE[0], z, SINE[1]), z, SINE[2]);
  return fused(round(y * z), x, x);
}

/** sin x, for a float32 from 0 to 8192. */
export function sine(angle) {
  const [octant, rest] = reduce(angle);
  const value = octant & 2 ? cosineNearZero(rest) : sineNearZero(rest);
  return octant & 4 ? -value : value;
}

/** cos x, for a float32 from 0 to 8192. */
export function cosine(angle) {
  const [octant, rest] = reduce(angle);
  const value = octant & 2 ? sineNearZero(rest) : cosineNearZero(rest);
  return (octant + 2) & 4 ? -value : value;
}
