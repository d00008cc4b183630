// Lets the keyboard reach and scroll figures, formulas and tables that are wider than the screen, as the theme does for code.

const boxes = document.querySelectorAll("span.legible, div.math, .pst-scrollable-table-container");

function update() {
  for (const box of boxes) box.tabIndex = box.scrollWidth > box.clientWidth ? 0 : -1;
}

addEventListener("resize", update);
document.fonts.ready.then(update);
update();
