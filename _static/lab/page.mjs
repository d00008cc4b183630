/*
 * Finds the laboratories of a page and brings them to life: the one of the Lab's own page at once, the small ones in
 * chapters when they come near the viewport.
 */

import CSS from "./lab.css" with { type: "text" };
import EXPERIMENTS from "./experiments.json" with { type: "json" };
import { Lab } from "./lab.mjs";

document.head.append(Object.assign(document.createElement("style"), { textContent: CSS }));

function mount(root) {
  const { preset, state, small } = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
  const experiment = EXPERIMENTS.find(({ name }) => name === preset);
  const options = { state: state ?? experiment?.state ?? {}, title: experiment?.title };
  return new Lab(root, small ? { ...options, small } : { ...options, experiment: preset ?? null });
}

const near = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries)
      if (isIntersecting) {
        near.unobserve(target);
        mount(target);
      }
  },
  { rootMargin: "400px" },
);

for (const root of document.querySelectorAll(".lab[data-lab]")) {
  if (root.dataset.lab === "full") mount(root);
  else near.observe(root);
}
