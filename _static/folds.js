// Opens a side road when the reader follows a link to it or into it, and what is read on paper when the page is printed.

function openTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (!target) return;
  const folds = [target.querySelector(":scope > details.dig-deeper")];
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) folds.push(fold);
  for (const fold of folds) if (fold) fold.open = true;
  target.scrollIntoView();
}

// On paper nothing can be opened: answers, side roads and goals are open there, and closed again afterwards.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("article details:is(.dig-deeper, .goals, :not([class])):not([open])")];
  for (const fold of opened) fold.open = true;
});
addEventListener("afterprint", () => {
  for (const fold of opened) fold.open = false;
});

addEventListener("hashchange", openTarget);
openTarget();
