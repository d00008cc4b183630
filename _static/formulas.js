// Lets the keyboard reach and scroll formulas that are wider than the screen, as the theme does for code.

const formulas = document.querySelectorAll("div.math");

function update() {
  for (const formula of formulas) formula.tabIndex = formula.scrollWidth > formula.clientWidth ? 0 : -1;
}

addEventListener("resize", update);
document.fonts.ready.then(update);
update();
