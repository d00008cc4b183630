/*
 * The loss of each batch as dots, its mean as a line, the dev loss as rings, and ln 27, what a blind guess costs.
 */

const MARGIN = { left: 40, right: 10, top: 10, bottom: 26 };
const TICKS = [1, 2, 3, 5, 10, 20, 50, 100, 1000, 10000];

/** The range of the vertical axis, from the losses that the networks start with: it stays for the whole run. */
export function rangeOf(firstLosses) {
  const worst = Math.max(4, ...firstLosses.filter(Number.isFinite));
  return [1.7, Math.min(worst, 1e4) * 1.15];
}

export function drawLoss(surface, { steps, series, dev, range, bold = 2, rateChanges = [] }) {
  const { palette, width, height } = surface;
  const [least, most] = range;
  const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const x = (step) => MARGIN.left + (step / steps) * inner.width;
  const clipped = (loss) => Math.min(Math.max(loss, least), most);
  const y = (loss) => MARGIN.top + (1 - Math.log(clipped(loss) / least) / Math.log(most / least)) * inner.height;
  const point = ([step, loss]) => (Number.isNaN(loss) ? null : [x(step), y(loss)]);

  for (const tick of TICKS.filter((tick) => tick > least && tick < most)) {
    surface.line([[MARGIN.left, y(tick)], [width - MARGIN.right, y(tick)]], palette.rule);
    surface.text(String(tick), MARGIN.left - 6, y(tick) + 4, { align: "right", color: palette.quiet });
  }
  for (const part of [0, 0.5, 1]) {
    const label = Math.round(steps * part).toLocaleString("en");
    surface.text(part === 1 ? `${label} steps` : label, x(steps * part), height - 8, {
      align: ["left", "center", "right"][part * 2], color: palette.quiet,
    });
  }
  const guess = y(Math.log(27));
  surface.line([[MARGIN.left, guess], [width - MARGIN.right, guess]], palette.quiet, { dash: [2, 3] });
  for (const step of rateChanges) surface.line([[x(step), MARGIN.top], [x(step), MARGIN.top + inner.height]], palette.purple, { dash: [1, 3] });

  for (const name of ["a", "b"]) {
    if (!series[name]) continue;
    const dots = series[name].dots().filter(([, loss]) => !Number.isNaN(loss));
    surface.dots(dots.map(point), 0.75, palette[name], 0.35);
  }
  for (const name of ["a2", "b2"])
    if (series[name]) surface.line(series[name].means().map(point), palette.ink, { width: 1, dash: [1, 2] });
  for (const name of ["a", "b"]) {
    if (!series[name]) continue;
    const means = series[name].means();
    surface.line(means.map(point), palette[name], { width: bold, dash: name === "b" ? [7, 4] : [] });
    const end = means.length ? point(means.at(-1)) : null;
    if (end) surface.text(name.toUpperCase(), Math.min(end[0] + 5, width - 12), end[1] + (name === "a" ? -6 : 14), { color: palette[name], weight: 700 });
    for (const at of (dev[name] ?? []).map(point).filter(Boolean)) {
      const ring = Array.from({ length: 13 }, (_, i) => [at[0] + 4 * Math.cos((i * Math.PI) / 6), at[1] + 4 * Math.sin((i * Math.PI) / 6)]);
      surface.line(ring, palette[name], { width: 1.5 });
    }
  }
  surface.label("ln 27 = 3.30, a blind guess", width - MARGIN.right - 16, guess - 5, { align: "right" });
}
