/*
 * The engine's side of the laboratory: trains in slices, and reports after each. It goes on when the page has drawn the
 * report, so that the two never work at the same time, and rests when nobody looks.
 */

import { splitNames } from "./data.mjs";
import { differentUnits, parameterTable, snapshot, updateRatios } from "./snapshot.mjs";
import { runsOf } from "./trainer.mjs";

const SLICE = 24; // milliseconds
const BETWEEN_SNAPSHOTS = 150;

let data;
let state;
let runs;
let layer = 0;
let until = 0;
let asleep = true;
let told = 0; // steps whose losses the page has
let lastSnapshot = 0;
let ratios = [];
let id = 0;

const step = () => runs.a.step;
const each = (what) => Object.fromEntries(Object.entries(runs).map(([name, run]) => [name, what(run, name)]));
const shown = (what) => Object.fromEntries(["a", "b"].filter((name) => runs[name]).map((name) => [name, what(runs[name])]));

/** Steps between two dev losses, and between two update ratios. */
const milestone = () => Math.max(1, Math.min(500, Math.ceil(state.a.steps / 4)), Math.ceil(state.a.steps / 20));
const between = () => Math.ceil(state.a.steps / 200);

const failed = () => Object.keys(runs).find((name) => step() && !Number.isFinite(runs[name].loss));

function begin() {
  runs = runsOf(state, data, state.accelerated !== false);
  for (const run of Object.values(runs)) {
    run.initial = Object.fromEntries(run.network.named().map(({ name, value }) => [name, value.values()]));
    run.peek();
  }
  told = 0;
  ratios = [];
  until = 0;
  report(true);
}

function advance() {
  const measured = step() % between() === 0 ? { step: step(), values: {} } : null;
  for (const [name, run] of Object.entries(runs)) {
    const watch = measured && !name.endsWith("2") ? () => (measured.values[name] = updateRatios(run)) : null;
    run.advance(watch);
  }
  if (measured) ratios.push(measured);
}

function slice() {
  const start = performance.now();
  do advance();
  while (step() < until && step() % milestone() && !failed() && performance.now() - start < SLICE);
  const over = step() >= until || failed();
  report(over, over || step() % milestone() === 0);
}

/** Tell the page what is new. At a stop it gets everything. */
function report(stopped, evaluated = stopped) {
  const losses = each((run) => Float32Array.from(run.losses.subarray(told, step())));
  const message = { type: "report", id, step: step(), stopped: Boolean(stopped), losses, ratios, failed: failed() ?? null };
  message.next = stopped && step() === 0 ? each((run) => run.loss) : null;
  const now = performance.now();
  if (stopped || now - lastSnapshot > BETWEEN_SNAPSHOTS) {
    lastSnapshot = now;
    message.snapshots = shown((run) => snapshot(run, layer));
  }
  if (stopped) {
    message.parameters = shown(parameterTable);
    message.different = shown(differentUnits);
  }
  if (evaluated) {
    // Last, because evaluation writes over the activations that a snapshot shows.
    message.dev = shown((run) => run.devLoss());
    message.names = shown((run) => run.names());
  }
  told = step();
  ratios = [];
  asleep = Boolean(stopped);
  postMessage(message);
}

const answers = {
  names: ({ text }) => (data = splitNames(text)),
  start: (message) => {
    ({ state, layer, id } = message);
    begin();
  },
  run: (message) => {
    until = Math.min(message.until, state.a.steps);
    if (!asleep || step() >= until || failed()) return;
    asleep = false;
    slice();
  },
  pause: () => {
    until = step();
  },
  drawn: (message) => {
    if (message.id !== id || asleep) return;
    if (step() < until) slice();
    else report(true);
  },
  rate: ({ name, rate }) => {
    for (const key of [name, `${name}2`]) runs[key]?.changeRate(rate);
  },
  layer: (message) => {
    ({ layer } = message);
    if (!runs || !asleep) return;
    // An evaluation may have written over what the last step computed.
    for (const run of Object.values(runs)) run.peek();
    postMessage({ type: "report", id, step: step(), stopped: true, losses: {}, ratios: [], failed: failed() ?? null, snapshots: shown((run) => snapshot(run, layer)) });
  },
};

globalThis.onmessage = ({ data: message }) => answers[message.type](message);
