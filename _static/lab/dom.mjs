/* Elements, made in one call: `make("button", { class: "x", onclick }, "text", child)`. */

let last = 0;

/** An id that no other element of the page has. */
export const uniqueId = () => `lab-${++last}`;

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const button = (text, onclick, properties = {}) => make("button", { type: "button", onclick, ...properties }, text);

/** A table from its head and rows; the first cell of each row is its head. */
export function table(caption, head, rows) {
  const cell = (tag, text, scope) => make(tag, { scope }, String(text));
  return make(
    "table",
    {},
    make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...head.map((text) => cell("th", text, "col")))),
    make("tbody", {}, ...rows.map(([first, ...rest]) => make("tr", {}, cell("th", first, "row"), ...rest.map((text) => cell("td", text))))),
  );
}

/** Offer a text as a file. */
export function download(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
