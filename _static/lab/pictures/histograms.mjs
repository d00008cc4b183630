/*
 * Histograms by layer, of pre-activations, activations, and the sizes of the activations' gradients: one strip a layer, on
 * one fixed scale for all layers and both networks.
 */

const TITLES = [["before", "before"], ["after", "after"], ["gradient", "log₁₀ |gradient|"]];

export function drawHistograms(surface, snapshot, { name, ranges, act }) {
  const { palette, width, height } = surface;
  const { layers } = snapshot;
  const [top, bottom, left, gap] = [18, 18, 22, 12];
  const column = (width - left - 2 * gap) / 3;
  const row = (height - top - bottom) / layers.length;
  TITLES.forEach(([key, title], c) => {
    const from = left + c * (column + gap);
    const range = key === "after" ? ranges.after[act] : ranges[key];
    surface.text(title, from, 12, { size: 11, color: palette.quiet });
    range.forEach((end, i) => {
      surface.text(String(end), from + i * column, height - 5, { size: 11, align: i ? "right" : "left", color: palette.quiet });
    });
    layers.forEach((layer, l) => {
      const counts = layer[key];
      const total = counts.reduce((sum, count) => sum + count, 0) || 1;
      const bin = column / counts.length;
      const base = top + (l + 1) * row;
      if (row >= 14) {
        surface.line([[from, base], [from + column, base]], palette.rule);
        counts.forEach((count, i) => {
          const size = Math.min(1, Math.sqrt(count / total) * 1.6) * (row - 3);
          if (count) surface.rectangle(from + i * bin, base - size, Math.max(bin - 0.5, 0.5), size, palette[name]);
        });
      } else {
        surface.rectangle(from, base - row, column, row, palette.rule, 0.3);
        counts.forEach((count, i) => {
          if (count) surface.rectangle(from + i * bin, base - row, bin, row, palette[name], Math.min(1, 0.08 + 2 * Math.sqrt(count / total)));
        });
      }
      const numbered = layers.length <= 10 || l === 0 || (l + 1) % 10 === 0;
      if (c === 0 && numbered) surface.text(String(l + 1), left - 6, base - row / 2 + 4, { size: 11, align: "right", color: palette.quiet });
    });
  });
}
