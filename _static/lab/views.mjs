/*
 * The pictures of the laboratory: each a canvas with a summary in words, its numbers as a table, and how to read it.
 */

import { download, make, table, button } from "./dom.mjs";
import { byHand } from "./numbers.mjs";
import { drawHistograms } from "./pictures/histograms.mjs";
import { drawLoss } from "./pictures/loss.mjs";
import { deadUnits, drawMap } from "./pictures/saturation.mjs";
import { drawUpdates } from "./pictures/updates.mjs";
import { RANGES } from "./snapshot.mjs";
import { CanvasSurface, DARK, LIGHT, SvgSurface } from "./surface.mjs";

const number = (x) => byHand(x === 0 ? "0" : Math.abs(x) >= 1e-3 && Math.abs(x) < 1e5 ? x.toPrecision(4) : x.toExponential(2));
const power = (x) => byHand(x.toFixed(1));
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const upper = (name) => name.replace("2", " (twin)").replace(/^[ab]/, (c) => c.toUpperCase());

/** What a picture draws, for which networks it has a canvas each, and its words. */
const KINDS = {
  loss: {
    title: "Loss",
    single: true,
    height: 240,
    read: "Each dot is the loss of one batch, the line their mean; a ring is the dev loss, on the first 4,096 of 22,655 dev pairs. The axis is logarithmic and stays as it is for the whole run. A dotted line is a twin.",
    draw: (surface, view) =>
      drawLoss(surface, {
        steps: view.state.a.steps, series: view.series, dev: view.dev, range: view.range, bold: view.bold,
        rateChanges: [...view.state.a.rates, ...(view.state.b?.rates ?? [])].map(([step]) => step),
      }),
    numbers: (view) => {
      const names = Object.keys(view.series);
      const { length } = view.series.a;
      const every = Math.max(1, Math.ceil(length / 20));
      const steps = Array.from({ length }, (_, i) => i).filter((i) => i < 5 || i % every === 0 || i === length - 1);
      return [
        table("Loss of single batches", ["step", ...names.map(upper)], steps.map((i) => [i, ...names.map((name) => view.series[name].values[i].toFixed(4))])),
        table("Dev loss, on 4,096 pairs", ["step", ...Object.keys(view.dev).map(upper)], (view.dev.a ?? []).map(([step], i) => [step, ...Object.keys(view.dev).map((name) => view.dev[name][i]?.[1].toFixed(4) ?? "")])),
      ];
    },
    words: ({ series, dev, state }) =>
      `Loss over ${state.a.steps} steps. ` +
      ["a", "b"].filter((name) => series[name]?.length).map((name) => `${upper(name)}: first ${number(series[name].values[0])}, now ${number(series[name].recent())}, dev ${number(dev[name]?.at(-1)?.[1] ?? NaN)}.`).join(" "),
  },
  map: {
    title: "Saturation map",
    height: 120,
    read: "Examples of the batch down, units of the layer across. White: the activation is so flat there that hardly any gradient passes (for tanh beyond ±0.97, for ReLU at 0). A white column is a dead unit.",
    draw: (surface, view, name) => drawMap(surface, view.snapshots[name]),
    numbers: (view, names) => [
      table("Saturated share by layer", ["layer", ...names.map(upper)], longest(view, names).map((_, l) => [l + 1, ...names.map((name) => percent(view.snapshots[name].layers[l]?.saturated ?? NaN))])),
    ],
    words: ({ snapshots, layer }, name) => {
      const snapshot = snapshots[name];
      const shown = Math.min(layer, snapshot.layers.length - 1);
      return `${upper(name)}, hidden layer ${shown + 1}: ${percent(snapshot.layers[shown].saturated)} white, ${deadUnits(snapshot)} of ${snapshot.units} units dead in this batch.`;
    },
  },
  histograms: {
    title: "Histograms by layer",
    height: 190,
    read: "One strip a layer, the first on top, on one scale for all layers and both networks. Healthy layers look alike; a strip that shrinks or piles up at its ends from layer to layer shows a signal that fades or saturates.",
    draw: (surface, view, name) => drawHistograms(surface, view.snapshots[name], { name, ranges: RANGES, act: view.state[name].act }),
    numbers: (view, names) =>
      names.map((name) =>
        table(`Layers of ${upper(name)}`, ["layer", "std before", "mean after", "std after", "flat", "std of gradient"],
          view.snapshots[name].layers.map((l, i) => [i + 1, number(l.beforeStd), number(l.mean), number(l.std), percent(l.saturated), number(l.gradientStd)])),
      ),
    words: ({ snapshots }, name) => {
      const { layers } = snapshots[name];
      const [first, last] = [layers[0], layers.at(-1)];
      return `${upper(name)}: activations have std ${number(first.std)} in the first and ${number(last.std)} in the last hidden layer, gradients ${number(first.gradientStd)} and ${number(last.gradientStd)}.`;
    },
  },
  updates: {
    title: "Updates beside weights",
    single: true,
    height: 190,
    read: "std(update) / std(weights) of each weight matrix, in powers of ten. Plain SGD does well near 10⁻³. Far above it: too fast. Far below: hardly learning.",
    draw: (surface, view) => drawUpdates(surface, { steps: view.state.a.steps, ratios: view.ratios }),
    numbers: (view, names) => {
      const weights = Object.fromEntries(names.map((name) => [name, view.parameters[name].filter((p) => p.name.endsWith("weight"))]));
      const last = view.ratios.at(-1)?.values ?? {};
      return names.map((name) =>
        table(`Last update of ${upper(name)}, log10`, ["weight", "log10 of update / data"], weights[name].map((p, i) => [p.name, byHand(last[name]?.[i]?.toFixed(2) ?? "")])),
      );
    },
    words: ({ ratios }) => {
      const last = ratios.at(-1)?.values;
      if (!last) return "No update yet.";
      return Object.entries(last).map(([name, values]) => `${upper(name)}: updates are 10 to the power of ${power(Math.min(...values))} to ${power(Math.max(...values))} of the weights.`).join(" ");
    },
  },
};

const longest = ({ snapshots }, names) => names.map((name) => snapshots[name].layers).reduce((a, b) => (b.length > a.length ? b : a));

/** A picture of one kind, with a canvas for each network or one for both. */
export class Picture {
  constructor(kind, names) {
    const { title, single, height, read } = KINDS[kind];
    Object.assign(this, { kind, names });
    this.canvases = Object.fromEntries(
      (single ? ["both"] : names).map((name) => [name, make("canvas", { role: "img", style: `height:${height}px`, "aria-label": title })]),
    );
    this.captions = Object.fromEntries(Object.keys(this.canvases).map((name) => [name, make("p", { class: "lab-words" })]));
    this.tables = make("div", { class: "lab-tables", tabindex: 0, role: "group", "aria-label": `${title}, numbers` });
    this.details = make("details", { class: "lab-more" }, make("summary", {}, "Numbers"), this.tables);
    this.extra = make("p", { class: "lab-buttons" });
    const drawings = Object.keys(this.canvases).map((name) => make("div", { class: `lab-drawing lab-of-${name}` }, this.canvases[name], this.captions[name]));
    this.frame = make("div", { class: "lab-drawings" }, ...drawings);
    this.element = make(
      "figure",
      { class: `lab-picture lab-${kind}` },
      make("figcaption", {}, title),
      this.frame,
      make("div", { class: "lab-below" }, this.details, make("details", { class: "lab-more" }, make("summary", {}, "How to read it"), make("p", {}, read))),
    );
    this.details.append(this.extra);
    if (kind === "loss") this.extra.append(button("Download CSV", () => this.onCsv()), button("Download SVG", () => download("bncourse-lab-loss.svg", this.svg(), "image/svg+xml")));
  }

  /** Show nothing, as of a state that was not run. */
  clear() {
    this.view = null;
    for (const canvas of Object.values(this.canvases)) {
      canvas.width = canvas.width; // which empties it
      canvas.setAttribute("aria-label", KINDS[this.kind].title);
    }
    for (const words of Object.values(this.captions)) words.textContent = "";
    this.details.hidden = true; // with the files in it: there are no numbers
  }

  draw(view) {
    this.view = view;
    if (!view.snapshots[this.names[0]]) return;
    const palette = isDark(this.element) ? DARK : LIGHT;
    for (const [name, canvas] of Object.entries(this.canvases))
      if (canvas.clientWidth) KINDS[this.kind].draw(new CanvasSurface(canvas, palette), view, name);
  }

  /** What is drawn, in words. */
  caption(view) {
    if (!view.snapshots[this.names[0]]) return;
    for (const [name, canvas] of Object.entries(this.canvases)) {
      const words = KINDS[this.kind].words(view, name);
      canvas.setAttribute("aria-label", words);
      this.captions[name].textContent = words;
    }
  }

  /** The words, and the numbers, which follow at pauses only: a table that changes cannot be read. */
  describe(view) {
    if (!view.snapshots[this.names[0]]) return;
    this.caption(view);
    this.details.hidden = false;
    this.tables.replaceChildren(...KINDS[this.kind].numbers(view, this.names));
  }

  svg() {
    const surface = new SvgSurface(720, 360, LIGHT);
    KINDS[this.kind].draw(surface, this.view, "both");
    return surface.toString();
  }
}

/** Whether an element stands on a dark page: its text is light then. */
export function isDark(element) {
  const [red] = getComputedStyle(element).color.match(/\d+/g) ?? [0];
  return Number(red) > 128;
}

