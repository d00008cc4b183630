/*
 * One laboratory on a page: the state, the worker that trains it, the experiment, and everything that is shown.
 */

import { beside, Client } from "./client.mjs";
import { button, download, make, uniqueId } from "./dom.mjs";
import EXPERIMENTS from "./experiments.json" with { type: "json" };
import { lossesCsv, pytorchCode } from "./export.mjs";
import { control, settingsForm, slider } from "./form.mjs";
import { OUTCOMES } from "./outcomes.mjs";
import { rangeOf } from "./pictures/loss.mjs";
import { Predict } from "./predict.mjs";
import { Series } from "./series.mjs";
import { conflict, differences, fromLink, makeState, matters, SETTINGS, toLink, write } from "./state.mjs";
import { Picture } from "./views.mjs";

const BY_NAME = new Map(SETTINGS.map((setting) => [setting.name, setting]));
const ALL_PICTURES = ["loss", "map", "histograms", "updates", "names"];
const EXPERIMENT_NAMES = EXPERIMENTS.map(({ name }) => name);
const BETWEEN_SPOKEN = 5000;
const TWIN_PARTED = 0.01;

/** The one that trains: no two at a time. */
let active = null;

const shortly = (loss) => (Number.isFinite(loss) ? loss.toFixed(2) : "not a number");
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Lab {
  /**
   * `root` is the element of the page; `options` has a `state`, `experiment` (a name), `small`: { controls, pictures }, or
   * `full`: true.
   */
  constructor(root, options) {
    Object.assign(this, { root, options, full: !options.small, status: "idle", unlinked: new Set(), view: null, queue: null });
    this.client = new Client((report) => this.take(report), (message) => this.fail(message));
    this.picture = root.querySelector(".lab-still");
    this.build();
    this.load(this.fromAddress() ?? this.initial(), { asRecorded: !this.full });
    this.watch();
    root.lab = this; // for tests
    root.classList.add("lab-ready");
  }

  // --- The state ---------------------------------------------------------------------------------------------------

  initial() {
    const { state, experiment = null } = this.options;
    return makeState({ ...state, experiment });
  }

  /** The state of the page's own address; a bad link gives none, and a sentence. */
  fromAddress() {
    if (!this.full) return null;
    try {
      return fromLink(location.hash, EXPERIMENT_NAMES);
    } catch (error) {
      this.say(`This link could not be read, so here is the default: ${error.message}`, true);
      return null;
    }
  }

  /**
   * Show a state, at step 0, and nothing of any other. The recorded picture stays only where it is of this state
   * (`asRecorded`); in the whole laboratory it would give away what the reader is asked to predict.
   */
  load(state, { keepExperiment = false, asRecorded = false } = {}) {
    this.stop();
    this.client.id++; // what is under way belongs to another state
    this.state = state;
    this.unlinked = new Set([...differences(state).map(({ name }) => name)]);
    this.status = "idle";
    this.view = null;
    this.queue = null;
    if (!keepExperiment) this.showExperiment();
    this.showForm();
    this.showPictures();
    for (const picture of this.pictures) picture.clear();
    if (!asRecorded) this.picture?.replaceChildren(make("p", {}, "The pictures appear here with the first step."));
    this.showStep();
    this.address();
  }

  /** Change one setting of one network. The learning rate can change during a run, everything else starts over. */
  change(network, name, value) {
    const { state } = this;
    const running = this.view && this.view.step > 0;
    if (name === "lr" && running) {
      for (const key of network === "a" && state.b && !this.unlinked.has("lr") ? ["a", "b"] : [network]) {
        const { step } = this.view;
        state[key] = { ...state[key], rates: [...state[key].rates.filter(([from]) => from < step), [step, value]] };
        this.client.send("rate", { name: key, rate: value });
      }
      this.say(`Learning rate ${value} from step ${this.view.step} on.`);
      this.address();
      this.draw();
      return;
    }
    const next = { ...state, a: { ...state.a }, b: state.b && { ...state.b }, step: 0, experiment: this.full ? null : state.experiment };
    next[network][name] = value;
    // A network of the other kind has another usual width.
    if (name === "net") next[network].width = value === "deep" ? 100 : 200;
    if (network === "a" && next.b) for (const { name: key } of SETTINGS) if (!this.unlinked.has(key)) next.b[key] = next.a[key];
    const wrong = conflict(next.a) ?? (next.b && conflict(next.b));
    if (wrong) {
      this.say(wrong, true);
      this.showForm();
      return;
    }
    const { unlinked } = this;
    const keep = this.root.contains(document.activeElement) ? document.activeElement.dataset : {};
    const selector = keep.setting ? `[data-setting="${keep.setting}"]` : keep.settingB ? `[data-setting-b="${keep.settingB}"]` : null;
    this.load(next, { keepExperiment: !this.full });
    this.unlinked = new Set([...this.unlinked, ...(next.b ? unlinked : [])]);
    this.showForm();
    if (selector) this.root.querySelector(selector)?.focus();
  }

  link(name, linked) {
    if (linked) {
      this.unlinked.delete(name);
      this.change("b", name, this.state.a[name]);
      this.unlinked.delete(name);
    } else {
      this.unlinked.add(name);
    }
    this.showForm();
    this.root.querySelector(linked ? `[data-setting="${name}"]` : `[data-setting-b="${name}"]`)?.focus();
  }

  address() {
    if (!this.full || location.protocol === "about:") return;
    const fragment = toLink(this.state);
    const url = fragment === "lab=1" && !location.hash ? location.href : `#${fragment}`;
    if (url !== location.hash && url !== location.href) history.replaceState(history.state, "", url);
  }

  /** The address of this state in the laboratory's own page. */
  url() {
    const page = beside("../lab.html") ?? "";
    return `${page}#${toLink({ ...this.state, step: this.view?.step ?? this.state.step })}`;
  }

  // --- Running -----------------------------------------------------------------------------------------------------

  get running() {
    return this.status === "running";
  }

  async run(until = null) {
    if (this.predict?.open) return this.say("First lock in a prediction, or choose to run without one.", true);
    if (active && active !== this) active.pause();
    active = this;
    if (!this.view) {
      this.status = "loading";
      this.showStep();
      this.begin();
      try {
        await this.client.start(this.state, this.layer());
      } catch (error) {
        return this.fail(error.message);
      }
    }
    const { step } = this.view;
    const { steps } = this.state.a;
    const target = until === null ? (this.state.step > step ? this.state.step : steps) : step + until;
    this.until = Math.min(target, steps);
    if (step >= steps) return this.showStep();
    this.status = "running";
    this.client.send("run", { until: this.until });
    this.showStep();
  }

  /** Room for what a run of this state will report. */
  begin() {
    const { state } = this;
    const names = ["a", ...(state.b ? ["b"] : []), ...(state.twin ? ["a2", ...(state.b ? ["b2"] : [])] : [])];
    const series = Object.fromEntries(names.map((name) => [name, new Series(state.a.steps)]));
    this.view = { state, step: 0, series, dev: {}, ratios: [], names: {}, snapshots: {}, first: null, range: [1.7, 4.6], parted: null, layer: 0, bold: 2 };
  }

  pause() {
    if (this.running) this.client.send("pause");
  }

  /** Stop at once, without a last report. */
  stop() {
    if (active === this) active = null;
    if (this.running) this.client.send("pause");
  }

  /** Step 0 again, with the same draw. */
  async reset() {
    const { predict } = this;
    this.stop();
    this.view = null;
    this.status = "idle";
    this.queue = null;
    this.state.a = { ...this.state.a, rates: this.state.a.rates.filter(([from]) => from === 0) };
    if (this.state.b) this.state.b = { ...this.state.b, rates: this.state.b.rates.filter(([from]) => from === 0) };
    predict?.clear();
    if (!predict?.open) await this.run(0);
  }

  /** Another seed, which is shown, and step 0. */
  newDraw() {
    this.change("a", "seed", (this.state.a.seed + 1) % 2 ** 32);
  }

  take(report) {
    const { view } = this;
    if (!view) return;
    view.step = report.step;
    for (const [name, losses] of Object.entries(report.losses)) view.series[name].append(losses);
    for (const [name, loss] of Object.entries(report.dev ?? {})) (view.dev[name] ??= []).push([report.step, loss]);
    if (report.next) view.range = rangeOf(Object.values(report.next));
    if (report.names) view.names[report.step] = report.names;
    if (report.snapshots) view.snapshots = report.snapshots;
    if (report.snapshots && report.step === 0) view.first ??= report.snapshots;
    if (report.parameters) Object.assign(view, { parameters: report.parameters, different: report.different });
    view.ratios.push(...report.ratios);
    this.lookForParting();
    const done = report.step >= this.state.a.steps || report.failed;
    // The report of step 0 comes before the run that was asked for.
    const ready = report.step === 0 && this.until > 0;
    if (report.stopped && !ready) this.status = done ? "done" : "paused";
    // With reduced motion nothing moves but at pauses and every hundred steps.
    if (!still.matches || report.stopped || Math.floor(report.step / 100) > Math.floor((this.drawnAt ?? 0) / 100)) {
      this.drawnAt = report.step;
      this.draw(({ kind }) => kind === "loss" || (kind === "updates" ? report.ratios.length : report.snapshots));
    }
    this.showStep(report);
    if (report.stopped) {
      this.describe();
      if (report.failed) this.say(`${report.failed[0].toUpperCase()}'s loss is no longer a number after step ${report.step}.`, true);
      if (done) this.finish();
    } else if (!still.matches && performance.now() > (this.captionAt ?? 0)) {
      this.captionAt = performance.now() + 1000; // slowly enough to be read
      for (const picture of this.pictures) picture.caption(view);
    }
    this.client.send("drawn", { id: report.id });
  }

  lookForParting() {
    const { view } = this;
    if (!view.series.a2 || view.parted !== null) return;
    for (const name of ["a", "b"]) {
      const [own, twin] = [view.series[name], view.series[`${name}2`]];
      if (!own) continue;
      for (let i = view.checked ?? 0; i < own.length; i++)
        if (!(Math.abs(own.values[i] - twin.values[i]) < TWIN_PARTED)) {
          view.parted = i;
          this.parting.textContent = `At step ${i} the twin of ${name.toUpperCase()} has parted. From here on, compare seeds, not curves.`;
          return;
        }
    }
    view.checked = view.step;
  }

  /** A run has come to its end: what the experiment asks is answered by it. */
  finish() {
    const { view, predict } = this;
    if (active === this) active = null;
    if (!predict) return;
    const { name, seeds } = predict.experiment;
    if (seeds) {
      this.queue ??= [];
      this.queue.push([this.state.a.seed, view.dev.a.at(-1)[1], view.dev.b.at(-1)[1]]);
      if (this.queue.length < seeds) {
        const { queue } = this;
        this.say(`Seed ${queue.length} of ${seeds} is done.`);
        const seed = (this.state.a.seed + 1) % 2 ** 32;
        this.load({ ...this.state, a: { ...this.state.a, seed }, b: { ...this.state.b, seed } }, { keepExperiment: true });
        this.queue = queue;
        this.run();
        return;
      }
    }
    const result = (key) =>
      view.series[key] && {
        losses: Array.from(view.series[key].values.subarray(0, view.series[key].length)),
        dev: view.dev[key], first: view.first[key], last: view.snapshots[key],
        parameters: view.parameters[key], different: view.different[key],
      };
    predict.show(OUTCOMES[name]({ a: result("a"), b: result("b"), pairs: this.queue ?? [] }));
  }

  fail(message) {
    this.status = "idle";
    this.view = null;
    this.say(`The laboratory cannot run here: ${message}`, true);
    this.showStep();
  }

  // --- What is shown -----------------------------------------------------------------------------------------------

  build() {
    const { root, full } = this;
    this.message = make("p", { class: "lab-message", role: "alert" });
    this.spoken = make("p", { class: "lab-spoken", role: "status" });
    this.parting = make("p", { class: "lab-parting" });
    this.readout = make("span", { class: "lab-readout" });
    this.toggle = button("Run", () => (this.running ? this.pause() : this.run()), { class: "lab-primary lab-run", "aria-pressed": "false" });
    const more = full
      ? [button("Step", () => this.run(1)), button("+100", () => this.run(100), { "aria-label": "+100 steps" }), button("Reset, same draw", () => this.reset()), button("New draw", () => this.newDraw())]
      : [button("Step", () => this.run(1)), button("Reset", () => this.reset())];
    this.bar = make("div", { class: "lab-bar", role: "group", "aria-label": "Run" }, this.toggle, ...more, this.readout);
    this.differs = make("p", { class: "lab-differs" });
    this.formHost = make("div", { class: "lab-settings" });
    this.picturesHost = make("div", { class: "lab-pictures" });
    this.predictHost = make("div", {});
    this.layers = make("div", {});
    const head = full ? this.head() : null;
    this.settings = full
      ? make("details", { class: "lab-fold", open: matchMedia("(min-width: 900px)").matches }, make("summary", {}, "Settings"), this.formHost)
      : this.formHost;
    const body = make("div", { class: "lab-body" }, this.settings, make("div", { class: "lab-main" }, this.differs, this.picturesHost, this.parting));
    const foot = full || !beside("../lab.html") ? null : make("p", { class: "lab-buttons" }, (this.openLink = make("a", {}, "Open in the Lab")));
    root.append(...[head, this.predictHost, this.message, body, this.bar, foot, this.spoken].filter(Boolean));
    root.setAttribute("role", "region");
    root.setAttribute("aria-label", full ? "Laboratory" : `Laboratory: ${this.options.title ?? "an experiment"}`);
  }

  head() {
    const id = uniqueId();
    const options = [make("option", { value: "" }, "none: my own settings"), ...EXPERIMENTS.map(({ name, title }) => make("option", { value: name }, title))];
    this.choose = make("select", { id, onchange: ({ target }) => this.openExperiment(target.value) }, ...options);
    const menu = make(
      "div",
      { class: "lab-buttons" },
      button("Copy link", () => this.copy(this.url(), "The link")),
      button("Copy as PyTorch code", () => this.copy(pytorchCode(this.state, this.url()), "The code")),
      button("Present", () => this.present(true), { class: "lab-present-on" }),
      button("Leave presentation", () => this.present(false), { class: "lab-present-off" }),
    );
    this.copied = make("div", { class: "lab-copied" });
    return make("div", { class: "lab-head" }, make("label", { for: id }, "Experiment"), this.choose, menu, this.copied);
  }

  openExperiment(name) {
    const experiment = EXPERIMENTS.find((entry) => entry.name === name);
    this.message.textContent = "";
    this.load(makeState(experiment ? { ...experiment.state, experiment: name } : {}));
  }

  showExperiment() {
    const experiment = this.full ? EXPERIMENTS.find(({ name }) => name === this.state.experiment) : null;
    if (this.choose) this.choose.value = experiment?.name ?? "";
    this.predict = experiment ? new Predict(experiment, () => this.showStep()) : null;
    this.predictHost.replaceChildren(...(this.predict ? [this.predict.element] : []));
  }

  showForm() {
    const { state, full, unlinked } = this;
    const handlers = { change: (...change) => this.change(...change), link: (...change) => this.link(...change) };
    if (full) {
      const box = (text, checked, onchange) => make("label", { class: "lab-check" }, make("input", { type: "checkbox", checked, onchange }), text);
      const options = make(
        "div",
        { class: "lab-options" },
        box("Compare with a second network, B", Boolean(state.b), ({ target }) => this.load({ ...state, b: target.checked ? { ...state.a } : null, step: 0, experiment: null })),
        box("Show a twin: one weight moved by one unit in the last place", state.twin, ({ target }) => this.load({ ...state, twin: target.checked, step: 0 })),
      );
      this.formHost.replaceChildren(options, settingsForm(state, unlinked, handlers));
      this.settings.hidden = state.hide.includes("settings");
    } else {
      const rows = this.options.small.controls.map((name) => this.smallControl(BY_NAME.get(name)));
      this.formHost.replaceChildren(make("div", { class: "lab-form" }, ...rows));
    }
    const different = differences(state);
    const says = ({ name, label, choices }) => {
      const words = (settings) => choices?.[settings[name]] ?? (typeof settings[name] === "boolean" ? (settings[name] ? "on" : "off") : write(BY_NAME.get(name), settings[name]) || "none");
      const before = matters(BY_NAME.get(name), state.a) ? ` instead of ${words(state.a)}` : "";
      return `${label}: ${words(state.b)}${before}`;
    };
    this.differs.textContent = !state.b ? "" : different.length ? `B differs from A only in ${different.map(says).join("; ")}.` : "B is the same as A. Give a setting a value of its own for B.";
  }

  /** A control that acts on both networks, or on the one that alone has the setting to itself. */
  smallControl(setting) {
    const { state, unlinked } = this;
    const { name, label } = setting;
    const network = state.b && unlinked.has(name) ? "b" : "a";
    const text = network === "b" ? `${label}, B` : label;
    const change = (value) => this.change(network, name, value);
    const kind = ["lr", "gain", "momentum", "depth"].includes(name) ? slider : control;
    const input = kind(setting, state[network][name], text, change);
    return make("div", { class: "lab-row" }, make("span", { class: "lab-label" }, text), input);
  }

  showPictures() {
    const { state, options, full } = this;
    const kinds = full ? ALL_PICTURES.filter((kind) => !state.hide.includes(kind)) : options.small.pictures;
    const names = state.b ? ["a", "b"] : ["a"];
    const wanted = [...kinds, ...names].join();
    if (this.shown === wanted) {
      this.namesHost?.replaceChildren();
      return;
    }
    this.shown = wanted;
    this.pictures = kinds.filter((kind) => kind !== "names").map((kind) => new Picture(kind, names));
    this.namesHost = kinds.includes("names") ? make("div", { class: "lab-names" }) : null;
    for (const picture of this.pictures) picture.onCsv = () => this.csv();
    const map = this.pictures.find(({ kind }) => kind === "map");
    if (map && full) {
      this.layerHost = make("label", { class: "lab-layer" });
      map.element.querySelector("figcaption").append(this.layerHost);
    }
    const elements = this.pictures.map(({ element }) => element);
    if (this.namesHost) elements.push(make("figure", { class: "lab-picture lab-made-up" }, make("figcaption", {}, "Names that the networks make up"), this.namesHost));
    this.picturesHost.replaceChildren(...(this.picture ? [this.picture] : []), ...elements);
    this.root.classList.toggle("lab-waiting", Boolean(this.picture));
  }

  showLayers() {
    if (!this.layerHost) return;
    const count = Math.max(...["a", "b"].map((name) => this.view.snapshots[name]?.layers.length ?? 0));
    if (this.layerHost.childElementCount === count) return;
    const options = Array.from({ length: count }, (_, i) => make("option", { value: i }, `hidden layer ${i + 1}`));
    const select = make("select", { "aria-label": "layer of the map", onchange: ({ target }) => this.lookAt(Number(target.value)) }, ...options);
    select.value = String(Math.min(this.layer(), count - 1));
    this.layerHost.replaceChildren(select);
  }

  layer() {
    return this.wantedLayer ?? 0;
  }

  lookAt(layer) {
    this.wantedLayer = layer;
    if (this.view) this.view.layer = layer;
    this.client.send("layer", { layer });
  }

  /** Draw the pictures, or those that have something new to show. */
  draw(isNew = () => true) {
    if (!this.view) return;
    if (this.picture) {
      // The recorded picture has done its work.
      this.picture.remove();
      this.picture = null;
      this.root.classList.remove("lab-waiting");
    }
    this.view.layer = this.layer();
    this.view.state = this.state;
    this.view.bold = this.root.classList.contains("lab-presents") ? 4 : 2;
    for (const picture of this.pictures) if (isNew(picture)) picture.draw(this.view);
    this.showNames();
  }

  showNames() {
    const { namesHost, view } = this;
    const steps = Object.keys(view.names).map(Number);
    if (!namesHost || namesHost.dataset.steps === steps.join()) return;
    namesHost.dataset.steps = steps.join();
    const line = (step) => make("div", {}, make("dt", {}, `step ${step.toLocaleString("en")}`), ...Object.entries(view.names[step]).map(([name, names]) => make("dd", { class: `lab-of-${name}` }, make("strong", {}, `${name.toUpperCase()} `), names.map((text) => text || "(empty)").join(", "))));
    const most = this.full ? 5 : 2;
    const kept = steps.length > most ? [steps[0], ...steps.slice(1 - most)] : steps;
    namesHost.replaceChildren(make("dl", {}, ...kept.reverse().map(line)));
  }

  describe() {
    for (const picture of this.pictures) picture.describe(this.view);
    this.showLayers();
  }

  /** Step and losses beside the buttons; to a screen reader they are spoken at pauses, and seldom else. */
  showStep() {
    const { view, status, toggle, state, predict } = this;
    const running = status === "running" || status === "loading";
    toggle.textContent = running ? "Pause" : state.step > (view?.step ?? 0) ? `Run to step ${state.step.toLocaleString("en")}` : "Run";
    toggle.setAttribute("aria-pressed", String(running));
    for (const control of this.bar.querySelectorAll("button")) control.disabled = Boolean(predict?.open);
    toggle.disabled = Boolean(predict?.open) || status === "done" || status === "loading";
    if (this.openLink) this.openLink.href = this.url();
    if (status === "loading") {
      this.readout.textContent = "Loading the engine and the names…";
      return;
    }
    if (!view) {
      this.readout.textContent = "step 0";
      this.parting.textContent = "";
      return;
    }
    const losses = ["a", "b"].filter((name) => view.series[name]).map((name) => [name.toUpperCase(), view.series[name].recent()]);
    const words = view.step ? losses.map(([name, loss]) => `${name} ${shortly(loss)}`).join(", ") : "";
    this.readout.textContent = `step ${view.step.toLocaleString("en")}${words ? `   loss ${words}` : ""}`;
    const now = performance.now();
    if (status !== "running" || now - (this.spokenAt ?? 0) > BETWEEN_SPOKEN) {
      this.spokenAt = now;
      this.spoken.textContent = `Step ${view.step.toLocaleString("en")}.${words ? ` Loss ${words}.` : ""}`;
    }
  }

  say(text, important = false) {
    (important ? this.message : this.spoken).textContent = text;
  }

  csv() {
    const losses = Object.fromEntries(Object.entries(this.view?.series ?? {}).map(([name, { values, length }]) => [name, values.subarray(0, length)]));
    download("bncourse-lab-losses.csv", lossesCsv(losses, this.url()), "text/csv");
  }

  async copy(text, what) {
    const area = make("textarea", { readonly: true, rows: 8, "aria-label": `${what}, to copy` });
    area.value = text;
    const shown = make("details", { class: "lab-more" }, make("summary", {}, what), area);
    try {
      await navigator.clipboard.writeText(text);
      this.say(`${what} has been copied.`);
      this.copied.replaceChildren(make("p", {}, `${what} has been copied.`), shown);
    } catch {
      shown.open = true;
      this.copied.replaceChildren(make("p", {}, `${what} could not be copied; select it here.`), shown);
      area.select();
    }
  }

  // --- Presentation ------------------------------------------------------------------------------------------------

  present(on) {
    this.root.classList.toggle("lab-presents", on);
    document.documentElement.classList.toggle("lab-is-presented", on);
    requestAnimationFrame(() => this.draw());
    (on ? this.toggle : this.root.querySelector(".lab-present-on")).focus();
  }

  key(event) {
    if (!this.root.classList.contains("lab-presents") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(SELECT|TEXTAREA)$/.test(event.target.tagName) || (event.target.tagName === "INPUT" && event.key !== "Escape")) return;
    const move = (by) => {
      const at = EXPERIMENT_NAMES.indexOf(this.state.experiment);
      this.openExperiment(EXPERIMENT_NAMES[(at + by + EXPERIMENT_NAMES.length) % EXPERIMENT_NAMES.length]);
    };
    const actions = {
      " ": () => (this.running ? this.pause() : this.run()),
      ArrowRight: () => this.run(1),
      r: () => this.reset(),
      v: () => this.predict && (this.predict.element.hidden = !this.predict.element.hidden),
      PageDown: () => move(1),
      PageUp: () => move(this.state.experiment ? -1 : 0),
      Escape: () => this.present(false),
    };
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** What happens outside of the laboratory. */
  watch() {
    document.addEventListener("visibilitychange", () => document.hidden && this.pause());
    addEventListener("pagehide", () => this.client.close());
    new IntersectionObserver(([entry]) => entry.isIntersecting || this.pause()).observe(this.root);
    new ResizeObserver(() => this.draw()).observe(this.picturesHost);
    const redraw = () => requestAnimationFrame(() => this.draw());
    new MutationObserver(redraw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    if (!this.full) return;
    document.addEventListener("keydown", (event) => this.key(event));
    addEventListener("hashchange", () => {
      if (location.hash !== `#${toLink(this.state)}` && /lab=/.test(location.hash)) this.load(this.fromAddress() ?? this.initial());
    });
  }
}
