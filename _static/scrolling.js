// Lets the keyboard reach and scroll what is wider than the screen: figures, formulas, tables, code and its output.

const boxes = () => [
  ...document.querySelectorAll("span.legible, div.math, .pst-scrollable-table-container, pre, .cell_output > .output"),
];

const scrolls = (box) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;

function measure(boxes) {
  const answers = boxes.map(scrolls); // all are measured before any is changed: the page is laid out once
  boxes.forEach((box, i) => (answers[i] ? box.setAttribute("tabindex", 0) : box.removeAttribute("tabindex")));
}

/*
 * Boxes are measured when the browser has laid them out, and not before, so that what is folded or far below costs
 * nothing: to ask for a width earlier would lay the whole page out at once.
 */
const observer = new ResizeObserver((entries) => measure(entries.map(({ target }) => target)));

function observe() {
  for (const box of boxes()) {
    observer.unobserve(box); // what is observed anew is measured again
    observer.observe(box);
  }
}

observe();
document.fonts.addEventListener("loadingdone", observe);

// Who uses the keyboard goes from box to box or looks for a word, and either may be far below: all is laid out then.
addEventListener("keydown", () => document.documentElement.classList.add("laid-out"), { once: true, capture: true });
