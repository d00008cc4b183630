// Opens a side road when the reader follows a link to it or into it, and what is read on paper when the page is printed.

function openTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (!target) return;
  const folds = [target.querySelector(":scope > details.dig-deeper")];
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) folds.push(fold);
  for (const fold of folds) if (fold) fold.open = true;
  arrive(target);
}

/*
 * Brings the page to a place and keeps it there for some frames, unless the reader goes on: what stands above is laid
 * out only now that it is near, and moves the place.
 */
function arrive(target) {
  let frames = 8;
  for (const act of ["wheel", "touchmove", "pointerdown", "keydown"])
    addEventListener(act, () => (frames = 0), { once: true, passive: true });
  (function bring() {
    target.scrollIntoView();
    if (frames-- > 0) requestAnimationFrame(bring);
  })();
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
