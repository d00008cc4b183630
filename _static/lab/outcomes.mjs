/*
 * What happened in an experiment, from the numbers of its run: which of the choices is right, and a sentence with the
 * numbers.
 *
 * `results` has, by network ("a", "b"): `losses`, `dev` (pairs of step and loss), `first` and `last` (snapshots), the
 * `parameters` table, `different` units of the first layer, and `pairs`: [seed, dev loss of A, of B] of each seed.
 */

import { byHand } from "./numbers.mjs";

const number = (x, digits = 2) => byHand(x === 0 ? "0" : Math.abs(x) >= 0.01 && Math.abs(x) < 1e4 ? x.toFixed(digits) : x.toExponential(1));
const percent = (x) => `${Math.round(100 * x)} %`;

/** Mean of the last losses; a run that has failed has an infinite one. */
const recent = (losses, count = 50) => {
  const mean = losses.slice(-count).reduce((sum, x) => sum + x, 0) / Math.min(count, losses.length);
  return Number.isFinite(mean) ? mean : Infinity;
};

const lower = (a, b, margin) => (Math.abs(a - b) < margin ? 2 : a < b || b !== b ? 0 : 1);
const lastLayer = (snapshot) => snapshot.layers.at(-1);
const largest = (parameters, name) => parameters.find((parameter) => parameter.name === name).gradient;

export const OUTCOMES = {
  "hockey-stick": ({ a, b }) => [
    a.losses[0] > 20 ? 1 : a.losses[0] < 1 ? 2 : 0,
    `The first loss of A is ${number(a.losses[0])}, that of B ${number(b.losses[0])}.`,
  ],
  zeros: ({ a }) => {
    const moved = a.parameters.filter((parameter) => parameter.moved).map(({ name }) => name);
    const right = moved.length === a.parameters.length ? 0 : moved.join() === "output.bias" ? 1 : moved.length ? -1 : 2;
    return [right, `Training moved ${moved.join(", ") || "nothing"}; the last loss is ${number(recent(a.losses))}.`];
  },
  constant: ({ a }) => [
    a.different === 1 ? 0 : a.different > 190 ? 2 : 1,
    `The number of different hidden units is ${a.different}.`,
  ],
  gains: ({ a, b }) => {
    const [stdA, stdB] = [a, b].map(({ first }) => lastLayer(first).std);
    return [stdA < 0.01 ? 1 : lastLayer(a.first).saturated > 0.3 ? 2 : 0, `Standard deviation at the start, last hidden layer: A ${number(stdA)}, B ${number(stdB)}.`];
  },
  saturation: ({ a, b }) => {
    const [shareA, shareB] = [a, b].map(({ first }) => lastLayer(first).saturated);
    return [shareA < 0.1 ? 0 : shareA > 0.5 ? 2 : 1, `Saturated at the start: A ${percent(shareA)}, B ${percent(shareB)}.`];
  },
  relu: ({ a, b }) => {
    const ratio = lastLayer(b.first).std / lastLayer(a.first).std;
    return [ratio > 100 ? 1 : ratio < 0.01 ? 2 : 0, `The activations of B's last hidden layer are ${number(ratio, 0)} times as large as those of A.`];
  },
  "learning-rate": ({ a, b }) => {
    const [lossA, lossB] = [recent(a.losses), recent(b.losses)];
    return [lower(lossA, lossB, 0.1), `Mean of the last 50 losses: A ${number(lossA)}, B ${number(lossB)}.`];
  },
  "batch-of-two": ({ a, b }) => {
    const [devA, devB] = [a, b].map(({ dev }) => dev.at(-1)[1]);
    return [lower(devA, devB, 0.02), `Dev loss: A ${number(devA, 3)}, B ${number(devB, 3)}.`];
  },
  "forget-eval": ({ a, b }) => {
    const same = a.losses.every((loss, i) => loss === b.losses[i]);
    const [devA, devB] = [a, b].map(({ dev }) => dev.at(-1)[1]);
    const right = !same ? 1 : devA === devB ? 0 : 2;
    return [right, `The training losses are ${same ? "identical" : "different"}. Dev loss: A ${number(devA, 3)}, B ${number(devB, 3)}.`];
  },
  momentum: ({ a, b }) => {
    const [devA, devB] = [a, b].map(({ dev }) => dev.at(-1)[1]);
    return [lower(devA, devB, 0.005), `Dev loss: A ${number(devA, 3)}, B ${number(devB, 3)}.`];
  },
  bias: ({ a }) => {
    const [bias, weight] = ["bias", "weight"].map((name) => largest(a.parameters, `hidden.1.${name}`));
    return [bias < 1e-4 * weight ? 1 : bias > 2 * weight ? 2 : 0, `Largest gradient: bias ${number(bias)}, weights ${number(weight)}.`];
  },
  "fifty-layers": ({ a, b }) => {
    const [lossA, lossB] = [recent(a.losses), recent(b.losses)];
    return [lower(lossA, lossB, 0.1), `Mean of the last 50 losses: A ${number(lossA)}, B ${number(lossB)}.`];
  },
  "vital-signs": ({ a, b }) => {
    const [shareA, shareB] = [a, b].map(({ first }) => lastLayer(first).saturated);
    const right = Math.abs(shareA - shareB) < 0.02 ? 2 : shareA > shareB ? 0 : 1;
    return [right, `Saturated at the start, last hidden layer: A ${percent(shareA)}, B ${percent(shareB)}.`];
  },
  "eight-seeds": ({ pairs }) => {
    const wins = pairs.filter(([, devA, devB]) => devB < devA).length;
    const gaps = pairs.map(([, devA, devB]) => devB - devA);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const right = wins === pairs.length ? 0 : wins ? 2 : 1;
    return [right, `B's dev loss is lower in ${wins} of ${pairs.length} seeds; B − A is ${number(mean, 4)} on average, from ${number(Math.min(...gaps), 4)} to ${number(Math.max(...gaps), 4)}.`];
  },
};
