// Arguments: the folder of npm's packages, and the folder that the fonts go to. Standard output: bytes of each, as JSON.
const fs = require("fs");
const path = require("path");
const [packages, target] = process.argv.slice(2);
const subsetFont = require(path.join(packages, "subset-font"));

const TEXT = { min: 400, max: 700 };
/** Faces and styles as site.css names them, with the weights that it uses. */
const FONTS = [
  ["source-sans-3", "normal", TEXT],
  ["source-sans-3", "italic", 400],
  ["source-code-pro", "normal", TEXT],
];

const upTo = (first, last) => Array.from({ length: last - first }, (_, i) => String.fromCodePoint(first + i)).join("");
/** Everything that the Latin part of a face can hold: letters with accents, punctuation, signs of mathematics. */
const LATIN = upTo(0x20, 0x250) + upTo(0x2000, 0x2300);

async function main() {
  const made = {};
  for (const [face, style, wght] of FONTS) {
    const name = `${face}-latin-wght-${style}.woff2`;
    const whole = fs.readFileSync(path.join(packages, "@fontsource-variable", face, "files", name));
    const font = await subsetFont(whole, LATIN, { targetFormat: "woff2", variationAxes: { wght } });
    fs.writeFileSync(path.join(target, name), font);
    made[name] = font.length;
  }
  process.stdout.write(JSON.stringify(made));
}

main();
