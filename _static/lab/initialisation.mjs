/*
 * How a network starts: which numbers are drawn, in which order, and what they are multiplied with.
 *
 * The network with one hidden layer draws the embedding, then weights and biases of the hidden and of the output layer
 * (biases are drawn even where BatchNorm makes them superfluous, so that every rung of the ladder has the same draws). The
 * deep one draws the embedding, then the weights of each layer; its biases start at 0.
 */

const TANH_GAIN = 5 / 3;

/** Standard deviation of the weights of a layer, by initialisation. */
const HIDDEN = {
  normal: () => 1,
  "fixed-output": () => 1,
  "fixed-tanh": () => 0.2,
  kaiming: (fanIn) => TANH_GAIN / Math.sqrt(fanIn),
  lecun: (fanIn) => 1 / Math.sqrt(fanIn),
  xavier: (fanIn, fanOut) => Math.sqrt(2 / (fanIn + fanOut)),
  he: (fanIn) => Math.SQRT2 / Math.sqrt(fanIn),
  gain: (fanIn, fanOut, gain) => gain / Math.sqrt(fanIn),
};

/** Fill the parameters of a network from a generator. */
export function start(network, generator) {
  const { settings } = network;
  for (const norm of network.norms()) norm.gamma.data.fill(1, 0, norm.dim);
  if (settings.init === "zeros") return;
  const { weight } = network.embedding;
  weight.fill(generator.normals(weight.rows * weight.columns));
  const deep = settings.net === "deep";
  if (settings.init === "constant") startConstant(network);
  else if (settings.init === "torch") startAsTorch(network, generator);
  else (deep ? startDeep : startShallow)(network, generator);
  if (network.outputNorm && settings.init !== "torch") network.outputNorm.gamma.data.fill(Math.fround(0.1), 0, network.classes);
}

function startConstant(network) {
  for (const { weight } of [...network.hidden.map(({ linear }) => linear), network.output])
    weight.fill(new Float32Array(weight.rows * weight.columns).fill(network.settings.constant));
  scaleSingleLayers(network);
}

/** `torch.nn.Linear`: U(−1/√fan_in, 1/√fan_in) for weights, by unit, and for biases. */
function startAsTorch(network, generator) {
  for (const linear of [...network.hidden.map(({ linear }) => linear), network.output]) {
    const { weight, bias, fanIn, fanOut } = linear;
    // As torch.nn.init.kaiming_uniform_ works it out, with a = √5.
    const bound = (Math.sqrt(3) * Math.sqrt(2 / (1 + Math.sqrt(5) ** 2))) / Math.sqrt(fanIn);
    const drawn = generator.uniforms(fanIn * fanOut, -bound, bound);
    const byInput = new Float32Array(drawn.length);
    for (let o = 0; o < fanOut; o++) for (let i = 0; i < fanIn; i++) byInput[i * fanOut + o] = drawn[o * fanIn + i];
    weight.fill(byInput);
    if (bias) bias.fill(generator.uniforms(fanOut, -1 / Math.sqrt(fanIn), 1 / Math.sqrt(fanIn)));
  }
  scaleSingleLayers(network);
}

function startShallow(network, generator) {
  const { init, gain } = network.settings;
  const [{ linear: hidden }] = network.hidden;
  const { output } = network;
  const std = HIDDEN[init](hidden.fanIn, hidden.fanOut, gain);
  const biasFactor = init === "normal" || init === "fixed-output" ? 1 : 0.01;
  fillScaled(hidden.weight, generator, std);
  fillScaled(hidden.bias ?? { columns: hidden.fanOut }, generator, biasFactor);
  fillScaled(output.weight, generator, init === "normal" ? 1 : 0.01);
  fillScaled(output.bias, generator, init === "normal" ? 1 : 0);
  scaleSingleLayers(network);
}

function startDeep(network, generator) {
  const { init, gain } = network.settings;
  for (const { linear } of network.hidden) fillScaled(linear.weight, generator, HIDDEN[init](linear.fanIn, linear.fanOut, gain));
  const { weight, fanIn } = network.output;
  const named = { normal: 1, "fixed-output": 0.01, "fixed-tanh": 0.01 };
  fillScaled(weight, generator, named[init] ?? 1 / Math.sqrt(fanIn));
  // So that the first loss is near ln 27; with BatchNorm its gamma does it.
  if (!(init in named) && !network.outputNorm) scale(weight, 0.1);
  scaleSingleLayers(network);
}

/** Draw N(0, 1) numbers for a matrix and multiply them, in float32; without data they are only drawn. */
function fillScaled(matrix, generator, factor) {
  const { rows = 1, columns } = matrix;
  const drawn = generator.normals(rows * columns);
  if (!matrix.data) return;
  matrix.fill(drawn);
  scale(matrix, factor);
}

/** Multiply in float32, whatever the precision of the network: the start is the same in both. */
function scale(matrix, factor) {
  const rounded = Math.fround(factor);
  for (let i = 0; i < matrix.data.length; i++) matrix.data[i] = Math.fround(matrix.data[i] * rounded);
}

/** The factors that single hidden layers are given. */
function scaleSingleLayers(network) {
  for (const [layer, factor] of network.settings.gains) {
    const hidden = network.hidden[layer - 1];
    if (hidden) scale(hidden.linear.weight, factor);
  }
}

const word = new DataView(new ArrayBuffer(8));

/**
 * The twin's difference: the first number of the embedding, which is in (almost) every context, becomes the next larger
 * number of its precision.
 */
export function nudge(network) {
  const { data } = network.embedding.weight;
  const single = data instanceof Float32Array;
  const value = data[0];
  if (single) word.setFloat32(0, value);
  else word.setFloat64(0, value);
  if (single) word.setInt32(0, word.getInt32(0) + (value < 0 ? -1 : 1));
  else word.setBigInt64(0, word.getBigInt64(0) + (value < 0 ? -1n : 1n));
  data[0] = single ? word.getFloat32(0) : word.getFloat64(0);
}
