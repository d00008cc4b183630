/*
 * The form of the settings, made from their list: one row a setting, with a control for A and, where it has been unlinked,
 * one for B.
 */

import { button, make, uniqueId } from "./dom.mjs";
import { matters, read, SETTINGS, write } from "./state.mjs";

/** A native control for a setting. `change` gets the value, or nothing if it is not accepted. */
export function control(setting, value, label, change) {
  const { kind, choices, from, to, help } = setting;
  const common = { "aria-label": label };
  if (kind === "flag")
    return make("input", { type: "checkbox", checked: value, onchange: (event) => change(event.target.checked), ...common });
  const apply = ({ target }) => {
    try {
      const found = read(setting, target.value);
      target.setCustomValidity("");
      change(found);
    } catch (error) {
      target.setCustomValidity(error.message);
      target.reportValidity();
    }
  };
  if (kind === "choice") {
    const options = Object.entries(choices).map(([key, text]) => make("option", { value: key, selected: key === value }, text));
    return make("select", { onchange: apply, ...common }, ...options);
  }
  const type = kind === "pairs" ? "text" : "number";
  const bounds = type === "number" ? { min: from, max: to, step: kind === "whole" ? 1 : "any" } : { placeholder: help.split("for example ").at(-1), size: 12 };
  return make("input", { type, value: write(setting, value), onchange: apply, ...bounds, ...common });
}

/** A slider for a number whose useful values span powers of ten, or a range that is given. */
export function slider(setting, value, label, change) {
  const whole = setting.kind === "whole";
  const [from, to] = { lr: [-3, 1], gain: [0.1, 4], momentum: [-3, 0], depth: [1, 50] }[setting.name];
  const powers = setting.name === "lr" || setting.name === "momentum";
  const shown = make("output", {}, write(setting, value));
  const real = (position) => {
    const exact = powers ? 10 ** Number(position) : Number(position);
    return whole ? Math.round(exact) : Number(exact.toPrecision(2));
  };
  const input = make("input", {
    type: "range", min: from, max: to, step: powers ? 0.05 : whole ? 1 : 0.1,
    value: powers ? Math.log10(value) : value, "aria-label": label, "aria-valuetext": write(setting, value),
    oninput: ({ target }) => {
      shown.textContent = write(setting, real(target.value));
      target.setAttribute("aria-valuetext", shown.textContent);
    },
    onchange: ({ target }) => change(real(target.value)),
  });
  return make("span", { class: "lab-slider" }, input, shown);
}

/** Fieldsets for all settings that matter. `change(network, name, value)`, `link(name, linked)`. */
export function settingsForm(state, unlinked, { change, link }) {
  const groups = new Map();
  for (const setting of SETTINGS) {
    const relevant = matters(setting, state.a) || (state.b && matters(setting, state.b));
    if (!relevant) continue;
    if (!groups.has(setting.group)) groups.set(setting.group, []);
    groups.get(setting.group).push(row(setting, state, unlinked, change, link));
  }
  return make(
    "div",
    { class: "lab-form" },
    ...[...groups].map(([name, rows]) => make("fieldset", {}, make("legend", {}, name), ...rows)),
  );
}

function row(setting, { a, b }, unlinked, change, link) {
  const { name, label, shared, help } = setting;
  const id = uniqueId();
  const first = control(setting, a[name], b ? `${label}, A` : label, (value) => change("a", name, value));
  first.dataset.setting = name;
  const parts = [make("span", { class: "lab-label", id }, label), make("span", { class: "lab-a" }, first)];
  if (b && !shared) {
    const second = control(setting, b[name], `${label}, B`, (value) => change("b", name, value));
    second.dataset.settingB = name;
    const linked = !unlinked.has(name);
    const text = linked ? "B same" : "B own";
    const toggle = button(text, () => link(name, !linked), { class: "lab-link", "aria-label": `${text}: ${label}` });
    toggle.classList.toggle("lab-own", !linked);
    parts.push(toggle, linked ? "" : make("span", { class: "lab-b" }, second));
  }
  if (help) parts.push(make("small", {}, help));
  return make("div", { class: "lab-row" }, ...parts);
}
