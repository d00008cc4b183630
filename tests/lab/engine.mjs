// Runs states in the laboratory's engine: one JSON request a line on standard input, one JSON answer a line.
import { createInterface } from "node:readline";

import { splitNames } from "../../_static/lab/data.mjs";
import { runsOf } from "../../_static/lab/trainer.mjs";

const base64 = (numbers) => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64");

let data;
for await (const line of createInterface({ input: process.stdin })) {
  const { names, state, accelerated, steps, evaluate } = JSON.parse(line);
  if (names) {
    data = splitNames(names);
    continue;
  }
  const answer = {};
  for (const [name, run] of Object.entries(runsOf(state, data, accelerated))) {
    const parameters = Object.fromEntries(run.network.named().map(({ name, value }) => [name, base64(value.values())]));
    const losses = [];
    const minibatches = [];
    for (let i = 0; i < steps; i++) {
      losses.push(run.advance());
      minibatches.push([...run.indices]);
    }
    answer[name] = { losses: losses.map(String), parameters, minibatches };
    if (evaluate) Object.assign(answer[name], { dev: run.devLoss(), names: run.names() });
  }
  console.log(JSON.stringify(answer));
}
