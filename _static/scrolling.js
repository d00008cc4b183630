// Lets the keyboard reach and scroll what is wider than the screen: figures, formulas, tables, code and its output.

/*
 * Boxes are measured when the browser has laid them out, and not before, so that what is folded or far below costs
 * nothing: to ask for a width earlier would lay the whole page out at once.
 */
const observer = new ResizeObserver((entries) => {
  for (const { target: box } of entries) {
    const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
});

function observe() {
  for (const box of document.querySelectorAll(
    "span.legible, div.math, .pst-scrollable-table-container, pre, .cell_output > .output",
  )) {
    observer.unobserve(box); // what is observed anew is measured again
    observer.observe(box);
  }
}

observe();
document.fonts.addEventListener("loadingdone", observe);
