/*
 * How large each update is beside the weights that it changes: a line a weight matrix, in powers of ten, and the rule of
 * thumb of 10⁻³.
 */

const RANGE = [-6, 0];

/** A power as superscript. */
const raised = (n) => String(n).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));

export function drawUpdates(surface, { steps, ratios }) {
  const { palette, width, height } = surface;
  const [left, right, top, bottom] = [40, 10, 10, 26];
  const x = (step) => left + (step / steps) * (width - left - right);
  const y = (value) => top + ((RANGE[1] - Math.min(Math.max(value, RANGE[0]), RANGE[1])) / (RANGE[1] - RANGE[0])) * (height - top - bottom);
  for (let power = RANGE[0]; power <= RANGE[1]; power += 2) {
    surface.line([[left, y(power)], [width - right, y(power)]], palette.rule);
    surface.text(`10${raised(power)}`, left - 4, y(power) + 4, { align: "right", size: 11, color: palette.quiet });
  }
  surface.line([[left, y(-3)], [width - right, y(-3)]], palette.ink, { dash: [4, 3] });
  surface.text("0", left, height - 8, { color: palette.quiet });
  surface.text(`${steps.toLocaleString("en")} steps`, width - right, height - 8, { align: "right", color: palette.quiet });
  for (const name of ["a", "b"]) {
    const measured = ratios.filter(({ values }) => values[name]);
    const weights = measured[0]?.values[name].length ?? 0;
    for (let i = 0; i < weights; i++) {
      const points = measured.map(({ step, values }) => (Number.isFinite(values[name][i]) ? [x(step), y(values[name][i])] : null));
      surface.line(points, palette[name], { width: 1.2, opacity: weights > 10 ? 0.4 : 0.8, dash: name === "b" ? [5, 3] : [] });
    }
  }
  surface.label(`10${raised(-3)}, the rule of thumb`, width - right, y(-3) - 5, { align: "right" });
}
