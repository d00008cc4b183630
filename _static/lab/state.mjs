/*
 * The state of the laboratory: the settings of the networks A and B, and how they are looked at. `settings.json` lists the
 * settings once; the form, the link and the tests are made from that list.
 */

import SETTINGS from "./settings.json" with { type: "json" };

export { SETTINGS };

/** Version of links; a link of another version is not read. */
const VERSION = "1";

const BY_KEY = new Map(SETTINGS.map((setting) => [setting.key, setting]));

/** The parts of the page that a link can hide. */
export const PARTS = ["settings", "map", "histograms", "updates", "names"];

/** The default of a setting, which can depend on the kind of network. */
export function defaultOf(setting, net) {
  const { default: value, kind } = setting;
  if (kind === "pairs") return [];
  return value !== null && typeof value === "object" ? value[net] : value;
}

/** A whole set of settings: the defaults, and over them what is given. */
export function complete(given = {}) {
  const net = given.net ?? defaultOf(SETTINGS[0]);
  return Object.fromEntries(SETTINGS.map((setting) => [setting.name, given[setting.name] ?? defaultOf(setting, net)]));
}

/** Read the text of a setting, as a link or an input has it. Throws a sentence where it is not accepted. */
export function read(setting, text) {
  const { kind, label, choices, from, to } = setting;
  const refuse = (accepted) => {
    throw new RangeError(`${label} is “${text.slice(0, 40)}”; it must be ${accepted}.`);
  };
  if (kind === "choice") return Object.hasOwn(choices, text) ? text : refuse(`one of ${Object.keys(choices).join(", ")}`);
  if (kind === "flag") return text === "1" ? true : text === "0" ? false : refuse("1 or 0");
  if (kind === "pairs") return readPairs(text, refuse, setting);
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : NaN;
  const accepted = number >= from && number <= to && (kind === "number" || Number.isInteger(number));
  return accepted ? number : refuse(`a ${kind === "whole" ? "whole number" : "number"} from ${from} to ${to}`);
}

function readPairs(text, refuse, { help }) {
  if (!text.trim()) return [];
  const pairs = text.split(",").map((pair) => {
    const match = /^\s*(\d{1,6})\s*:\s*(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?\s*$/i.exec(pair);
    return match && [Number(match[1]), Number(match[2] + (match[3] ?? ""))];
  });
  const valid = pairs.every((pair) => pair && pair[1] <= 1000);
  const rising = valid && pairs.every(([n], i) => i === 0 || n > pairs[i - 1][0]);
  return rising && pairs.length <= 50 ? pairs : refuse(`${help}, in rising order`);
}

/** Write a value as `read` reads it. */
export function write({ kind }, value) {
  if (kind === "flag") return value ? "1" : "0";
  if (kind === "pairs") return value.map((pair) => pair.join(":")).join(",");
  return String(value);
}

const same = (setting, a, b) => write(setting, a) === write(setting, b);

/** What is wrong with settings that are each accepted, in a sentence; null if nothing is. */
export function conflict(settings) {
  if (settings.bn !== "off" && settings.batch < 2) return "With BatchNorm the batch size must be at least 2: one example has no variance.";
  return null;
}

/** A state: settings of A; settings of B or null; `twin`; the step to run to; hidden parts; the experiment shown. */
export function makeState({ a = {}, b = null, twin = false, step = 0, hide = [], experiment = null } = {}) {
  const whole = complete(a);
  return { a: whole, b: b && { ...complete({ ...whole, ...b }), steps: whole.steps }, twin, step, hide, experiment };
}

/** The names of the settings in which B differs from A. */
export function differences({ a, b }) {
  return b ? SETTINGS.filter((setting) => !same(setting, a[setting.name], b[setting.name])) : [];
}

/** Whether a setting has any effect, given the others. */
export function matters({ when = {} }, settings) {
  return Object.entries(when).every(([name, values]) => values.includes(settings[name]));
}

/** The fragment of a link to a state, without "#". */
export function toLink({ a, b, twin, step, hide, experiment }) {
  const parts = [["lab", VERSION]];
  const net = a.net;
  for (const setting of SETTINGS)
    if (!same(setting, a[setting.name], defaultOf(setting, net))) parts.push([setting.key, write(setting, a[setting.name])]);
  if (b) {
    const different = differences({ a, b });
    parts.push(["B", different.map(({ key }) => key).join(".")]);
    for (const setting of different) parts.push([`B.${setting.key}`, write(setting, b[setting.name])]);
  }
  if (twin) parts.push(["twin", "1"]);
  if (step) parts.push(["step", String(step)]);
  if (hide.length) parts.push(["hide", hide.join(".")]);
  if (experiment) parts.push(["x", experiment]);
  // These need no escape in a fragment, and are easier to read without.
  return parts.map(([key, value]) => `${key}=${encodeURIComponent(value).replace(/%3A/g, ":").replace(/%2C/g, ",")}`).join("&");
}

/**
 * The state of a link's fragment. Throws a sentence that says what is wrong with it; a fragment that is not meant for the
 * laboratory gives null.
 */
export function fromLink(fragment, experiments = []) {
  const text = fragment.replace(/^#/, "");
  if (!/(^|&)lab=/.test(text)) return null;
  if (text.length > 4000) throw new RangeError("The link is too long to be one of the laboratory's.");
  const entries = new Map();
  for (const [key, value] of new URLSearchParams(text)) {
    if (entries.has(key)) throw new RangeError(`The link has “${key.slice(0, 20)}” twice.`);
    entries.set(key, value);
  }
  const take = (key) => {
    const value = entries.get(key);
    entries.delete(key);
    return value;
  };
  if (take("lab") !== VERSION) throw new RangeError("The link is of another version of the laboratory.");
  const settings = (prefix) => {
    const found = {};
    for (const [key, value] of [...entries]) {
      const setting = key.startsWith(prefix) && BY_KEY.get(key.slice(prefix.length));
      if (setting) found[setting.name] = read(setting, take(key) ?? value);
    }
    return found;
  };
  const a = settings("");
  const hasB = take("B") !== undefined;
  const b = settings("B.");
  if (!hasB && Object.keys(b).length) throw new RangeError("The link has settings of B, and no B.");
  const flag = take("twin");
  if (![undefined, "0", "1"].includes(flag)) throw new RangeError("twin must be 0 or 1.");
  const hide = (take("hide") ?? "").split(".").filter(Boolean);
  const unknown = hide.find((part) => !PARTS.includes(part));
  if (unknown) throw new RangeError(`The link hides “${unknown.slice(0, 20)}”; it can hide ${PARTS.join(", ")}.`);
  const experiment = take("x") ?? null;
  if (experiment !== null && !experiments.includes(experiment)) throw new RangeError(`There is no experiment “${experiment.slice(0, 20)}”.`);
  const stepText = take("step") ?? "0";
  const step = /^\d{1,6}$/.test(stepText) ? Number(stepText) : NaN;
  if (entries.size) throw new RangeError(`The laboratory has no setting “${[...entries.keys()][0].slice(0, 20)}”.`);
  const state = makeState({ a, b: hasB ? b : null, twin: flag === "1", step, hide: [...new Set(hide)], experiment });
  if (!(step <= state.a.steps)) throw new RangeError(`The step must be a whole number from 0 to ${state.a.steps}.`);
  if ("steps" in b) throw new RangeError("The steps belong to A and B alike.");
  const wrong = conflict(state.a) ?? (state.b && conflict(state.b));
  if (wrong) throw new RangeError(wrong);
  return state;
}
