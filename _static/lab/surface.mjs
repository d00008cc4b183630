/*
 * What pictures are drawn on: a canvas, or an SVG text with the same methods.
 */

export const LIGHT = {
  ink: "#1b1f24", paper: "#ffffff", rule: "#d8dde3", quiet: "#616b76",
  a: "#c2500a", b: "#0a62a8", green: "#0b7f5c", purple: "#8e4585",
};
export const DARK = {
  ink: "#e4e7eb", paper: "#121212", rule: "#3b4148", quiet: "#a2abb5",
  a: "#f79256", b: "#62b0f0", green: "#4cc9a0", purple: "#d896cd",
};

const FONT = "system-ui, sans-serif";

/** What both have. */
class Surface {
  /** A quiet text that stays legible over what is drawn. */
  label(text, x, y, { align = "left" } = {}) {
    const width = text.length * 6.4;
    const from = align === "right" ? x - width : x;
    this.rectangle(from - 3, y - 12, width + 6, 16, this.palette.paper, 0.8);
    this.text(text, x, y, { align, color: this.palette.quiet });
  }
}

/** A canvas, drawn in CSS pixels. */
export class CanvasSurface extends Surface {
  constructor(canvas, palette) {
    super();
    const { clientWidth: width, clientHeight: height } = canvas;
    const scale = Math.min(globalThis.devicePixelRatio || 1, 2);
    Object.assign(this, { width, height, palette, context: canvas.getContext("2d") });
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
    this.rectangle(0, 0, width, height, palette.paper);
  }

  rectangle(x, y, width, height, color, opacity = 1) {
    this.context.globalAlpha = opacity;
    this.context.fillStyle = color;
    this.context.fillRect(x, y, width, height);
    this.context.globalAlpha = 1;
  }

  /** A line through points; where a point is null it is interrupted. */
  line(points, color, { width = 1, dash = [], opacity = 1 } = {}) {
    const { context } = this;
    context.beginPath();
    let open = false;
    for (const point of points) {
      if (point) context[open ? "lineTo" : "moveTo"](point[0], point[1]);
      open = Boolean(point);
    }
    context.globalAlpha = opacity;
    context.strokeStyle = color;
    context.lineWidth = width;
    context.lineJoin = "round";
    context.setLineDash(dash);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  dots(points, radius, color, opacity = 1) {
    for (const [x, y] of points) this.rectangle(x - radius, y - radius, 2 * radius, 2 * radius, color, opacity);
  }

  text(text, x, y, { color = this.palette.ink, size = 12, align = "left", weight = 400 } = {}) {
    const { context } = this;
    context.font = `${weight} ${size}px ${FONT}`;
    context.textAlign = align;
    context.fillStyle = color;
    context.fillText(text, x, y);
  }
}

const escape = (text) => text.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`);
const round = (x) => Math.round(x * 100) / 100;

/** The same as a text of SVG. */
export class SvgSurface extends Surface {
  constructor(width, height, palette) {
    super();
    Object.assign(this, { width, height, palette, parts: [] });
    this.rectangle(0, 0, width, height, palette.paper);
  }

  rectangle(x, y, width, height, color, opacity = 1) {
    this.parts.push(`<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${color}" opacity="${round(opacity)}"/>`);
  }

  line(points, color, { width = 1, dash = [], opacity = 1 } = {}) {
    let open = false;
    const path = points.map((point) => {
      const command = point && `${open ? "L" : "M"}${round(point[0])} ${round(point[1])}`;
      open = Boolean(point);
      return command ?? "";
    });
    this.parts.push(`<path d="${path.join("")}" fill="none" stroke="${color}" stroke-width="${width}" stroke-dasharray="${dash.join(" ")}" opacity="${opacity}"/>`);
  }

  dots(points, radius, color, opacity = 1) {
    for (const [x, y] of points) this.rectangle(x - radius, y - radius, 2 * radius, 2 * radius, color, opacity);
  }

  text(text, x, y, { color = this.palette.ink, size = 12, align = "left", weight = 400 } = {}) {
    const anchor = { left: "start", center: "middle", right: "end" }[align];
    this.parts.push(`<text x="${round(x)}" y="${round(y)}" fill="${color}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}">${escape(text)}</text>`);
  }

  toString() {
    const { width, height, parts } = this;
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="${FONT}">${parts.join("")}</svg>\n`;
  }
}
