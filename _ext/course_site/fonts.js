// Arguments: the folder of npm's packages, and the folder of the site. Standard output: bytes of each font, as JSON.
const fs = require("fs");
const path = require("path");
const [packages, site] = process.argv.slice(2);
const subsetFont = require(path.join(packages, "subset-font"));

const TEXT = { min: 400, max: 700 };
/** Faces and styles as site.css names them, with the weights that it uses. */
const FACES = [
  ["source-sans-3", "normal", TEXT],
  ["source-sans-3", "italic", 400],
  ["source-code-pro", "normal", TEXT],
];

/** Every sign that a page or a script has, and all that a keyboard has, because readers type. */
function signsOf(folder) {
  const signs = new Set(Array.from({ length: 0x5f }, (_, i) => String.fromCodePoint(0x20 + i)));
  for (const name of fs.readdirSync(folder, { recursive: true }))
    if (/\.(html|js)$/.test(name)) for (const sign of fs.readFileSync(path.join(folder, name), "utf8")) signs.add(sign);
  return [...signs].join("");
}

async function main() {
  const signs = signsOf(site);
  const made = {};

  async function make(source, target, options = {}) {
    const font = await subsetFont(fs.readFileSync(source), signs, { targetFormat: "woff2", ...options });
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, font);
    made[path.basename(target)] = font.length;
  }

  const fonts = path.join(site, "_static", "fonts");
  for (const [face, style, wght] of FACES) {
    const name = `${face}-latin-wght-${style}.woff2`;
    const whole = path.join(packages, "@fontsource-variable", face, "files", name);
    await make(whole, path.join(fonts, name), { variationAxes: { wght } });
  }
  const katex = path.join(packages, "katex", "dist", "fonts");
  for (const name of fs.readdirSync(katex).filter((name) => name.endsWith(".woff2")))
    await make(path.join(katex, name), path.join(site, "_static", "katex", "fonts", name));
  process.stdout.write(JSON.stringify(made));
}

main();
