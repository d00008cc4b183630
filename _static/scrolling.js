// Lets the keyboard reach and scroll figures, formulas and tables that are wider than the screen, as the theme does for code.

const boxes = document.querySelectorAll("span.legible, div.math, .pst-scrollable-table-container");

function update() {
  // All are measured before any is changed: the page is laid out once.
  const areWider = Array.from(boxes, (box) => box.scrollWidth > box.clientWidth);
  boxes.forEach((box, i) => (box.tabIndex = areWider[i] ? 0 : -1));
}

addEventListener("resize", update);
document.fonts.ready.then(update);
update();
