/*
 * What the pictures show of a network, as numbers: histograms and statistics by layer, and a table of parameters.
 */

/** Bins of every histogram, and the fixed range of each kind. Gradients are shown by the power of ten of their size. */
export const BINS = 41;
export const RANGES = { before: [-5, 5], after: { tanh: [-1, 1], sigmoid: [0, 1], relu: [0, 5], linear: [-5, 5] }, gradient: [-12, 0] };

/** From here on an activation counts as saturated. */
const SATURATED = 0.97;

/** Whether the slope of the activation is (almost) 0 at its result h. */
const FLAT = {
  tanh: (h) => Math.abs(h) > SATURATED,
  sigmoid: (h) => Math.abs(2 * h - 1) > SATURATED, // σ(x) = (1 + tanh(x/2)) / 2
  relu: (h) => h === 0,
  linear: () => false,
};

function statistics(values) {
  let sum = 0;
  for (const x of values) sum += x;
  const mean = sum / values.length;
  let squares = 0;
  for (const x of values) squares += (x - mean) ** 2;
  return { mean, std: Math.sqrt(squares / (values.length - 1)) };
}

function histogram(values, [from, to], transform = (x) => x) {
  const counts = new Uint32Array(BINS);
  for (const value of values) {
    const bin = Math.floor(((transform(value) - from) / (to - from)) * BINS);
    if (bin === bin) counts[Math.min(Math.max(bin, 0), BINS - 1)]++;
  }
  return counts;
}

const powerOfTen = (x) => Math.log10(Math.abs(x) || 1e-30);

/** Of a run, after a forward and a backward pass of its minibatch. `layer` is the one whose map is wanted, from 0. */
export function snapshot(run, layer) {
  const { network, settings } = run;
  const { batch, act, width } = settings;
  const flat = FLAT[act];
  const layers = network.hidden.map(({ before, activation }) => {
    const pre = before.out.values(batch);
    const h = activation.out.values(batch);
    const gradient = activation.dout.values(batch);
    return {
      before: histogram(pre, RANGES.before),
      after: histogram(h, RANGES.after[act]),
      gradient: histogram(gradient, RANGES.gradient, powerOfTen),
      beforeStd: statistics(pre).std,
      ...statistics(h),
      saturated: h.reduce((count, x) => count + flat(x), 0) / h.length,
      gradientStd: statistics(gradient).std,
    };
  });
  const { out } = network.hidden[Math.min(layer, network.hidden.length - 1)].activation;
  return { layers, map: Uint8Array.from(out.values(batch), flat), units: width };
}

/** Each parameter: its standard deviation, the largest of its gradients, and whether training has moved it. */
export function parameterTable(run) {
  return run.network.named().map(({ name, value, grad }) => {
    const values = value.values();
    const first = run.initial[name];
    return {
      name,
      shape: [value.rows, value.columns],
      std: statistics(values).std,
      gradient: grad.values().reduce((largest, x) => Math.max(largest, Math.abs(x)), 0),
      moved: values.some((x, i) => x !== first[i]),
    };
  });
}

/** How many units of the first hidden layer have weights that no other unit of it has. */
export function differentUnits({ network }) {
  const { weight } = network.hidden[0].linear;
  const columns = new Set();
  for (let j = 0; j < weight.columns; j++) {
    let column = "";
    for (let i = 0; i < weight.rows; i++) column += `${weight.data[i * weight.stride + j]} `;
    columns.add(column);
  }
  return columns.size;
}

/** log10 of std(update) / std(data) of every weight matrix, before the update. */
export function updateRatios(run) {
  const rate = run.rate();
  return run.network
    .named()
    .filter(({ name }) => name.endsWith("weight"))
    .map(({ value, grad }) => Math.log10((rate * statistics(grad.values()).std) / statistics(value.values()).std));
}
