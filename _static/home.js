// Plays the recorded race of the home page, once, when the reader asks for it.

const figure = document.querySelector("figure.race");

function play({ every, namesAt, runners }) {
  const show = (name, text) => (figure.querySelector(`[data-race="${name}"]`).textContent = text);
  const paths = ["a", "b"].map((name) => figure.querySelector(`path.race-${name}`));
  const lengths = paths.map((path) => path.getTotalLength());
  const last = runners[0].losses.length - 1;
  const seconds = 4;
  const began = performance.now();

  function draw(now) {
    const share = Math.min((now - began) / 1000 / seconds, 1);
    const index = Math.round(share * last);
    const step = index === last ? namesAt.at(-1) : index * every;
    const moment = namesAt.findLastIndex((at) => at <= step);
    show("step", step);
    runners.forEach((runner, i) => {
      paths[i].style.strokeDasharray = share < 1 ? `${share * lengths[i]} ${lengths[i]}` : "";
      show(`loss-${"ab"[i]}`, runner.losses[index].toFixed(2));
      show(`names-${"ab"[i]}`, runner.names[moment].join(", "));
    });
    if (share < 1) requestAnimationFrame(draw);
  }
  requestAnimationFrame(draw);
}

if (figure) {
  const button = figure.querySelector(".race-play");
  const race = JSON.parse(figure.querySelector("script").textContent);
  // Who asked for less motion keeps the finished picture.
  button.hidden = matchMedia("(prefers-reduced-motion: reduce)").matches;
  button.addEventListener("click", () => play(race));
}

// A returning reader goes on where the marks of progress.js end.
const main = document.querySelector(".door-main");
if (main) {
  let read = [];
  try {
    read = JSON.parse(localStorage.getItem("bncourse:read")) ?? [];
  } catch {
    // Nothing is kept here: then this is a first visit.
  }
  const links = [...document.querySelectorAll(".card-question a")];
  const next = links.findIndex((link) => !read.some((name) => new URL(link.href).pathname.endsWith(name)));
  if (next > 0) {
    main.href = links[next].href;
    main.textContent = `Continue with chapter ${next + 1}`;
  }
}
