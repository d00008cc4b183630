// Opens a side road when the reader follows a link to it or into it.

function openTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (!target) return;
  const folds = [target.querySelector(":scope > details.dig-deeper")];
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) folds.push(fold);
  for (const fold of folds) if (fold) fold.open = true;
  target.scrollIntoView();
}

addEventListener("hashchange", openTarget);
openTarget();
