/*
 * An experiment: its question, a prediction that is locked before the run, and what happened.
 */

import { beside } from "./client.mjs";
import { button, make, uniqueId } from "./dom.mjs";

export class Predict {
  /** `allow` is called when the prediction has been locked or skipped. */
  constructor(experiment, allow) {
    Object.assign(this, { experiment, allow, choice: null, open: true });
    const name = uniqueId();
    const radios = experiment.choices.map((text, i) =>
      make("label", {}, make("input", { type: "radio", name, value: i, onchange: () => this.pick(i) }), make("span", {}, text)),
    );
    this.lock = button("Lock in my prediction", () => this.close(), { class: "lab-primary", disabled: true });
    this.skip = button("Run without one", () => {
      this.choice = null;
      this.close();
    });
    this.outcome = make("div", { class: "lab-outcome", role: "status" });
    this.fields = make("fieldset", {}, make("legend", {}, "Predict"), make("p", {}, experiment.question), ...radios);
    this.element = make("section", { class: "lab-predict", "aria-label": "Prediction" }, this.fields, make("p", { class: "lab-buttons" }, this.lock, this.skip), this.outcome);
  }

  pick(choice) {
    this.choice = choice;
    this.lock.disabled = false;
  }

  close() {
    this.open = false;
    for (const input of this.fields.querySelectorAll("input")) input.disabled = true;
    this.lock.hidden = this.skip.hidden = true;
    this.allow();
  }

  /** Say what happened: the index of the right choice, and the numbers. */
  show([right, numbers]) {
    const { choices, why, chapter } = this.experiment;
    const verdict =
      this.choice === null ? "What happened: " : this.choice === right ? "Right: " : "Not quite: ";
    const answer = choices[right] ?? "none of the choices";
    const address = beside(`../chapters/${chapter}.html`);
    this.outcome.replaceChildren(
      make("p", { "data-right": right }, make("strong", {}, verdict), `“${answer}”. ${numbers}`),
      make("p", {}, why),
      address ? make("p", {}, make("a", { href: address }, "The chapter that explains it")) : "",
    );
    this.element.classList.toggle("lab-right", this.choice === right);
    this.element.classList.toggle("lab-wrong", this.choice !== null && this.choice !== right);
  }

  clear() {
    this.outcome.replaceChildren();
    this.element.classList.remove("lab-right", "lab-wrong");
  }
}
