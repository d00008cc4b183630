// Arguments: the folder of npm's packages, the folder of the site, the name of the new style sheet, and those that it
// takes the place of, in their order; all sheets lie in _static. Standard output: what was made of how much, as JSON.
const fs = require("fs");
const path = require("path");
const [packages, site, target, ...sheets] = process.argv.slice(2);
const { PurgeCSS } = require(path.join(packages, "purgecss"));
const subsetFont = require(path.join(packages, "subset-font"));

const folder = path.join(site, "_static");
const ICONS = "icons.woff2";
/** Fonts of what every page shows first. In the sheet itself they are there before anything is drawn, so nothing moves. */
const AT_ONCE = [ICONS, "fonts/source-sans-3-latin-wght-normal.woff2"];

/** A sheet as it reads from _static itself, with those in place that it imports. */
function read(name) {
  const here = path.posix.dirname(name);
  return fs
    .readFileSync(path.join(folder, name), "utf8")
    .replace(/@charset\s+["'][^"']*["'];/g, "")
    .replace(/\/\*(?!!)[^]*?\*\//g, "") // comments, but for those with a licence
    .replace(/url\(\s*["']?(?!data:|#)([^"')]+)["']?\s*\)/g, (_, to) => `url("${path.posix.join(here, to)}")`)
    .replace(/@import\s+(?:url\()?["']([^"':]+\.css)["']\)?\s*;/g, (_, to) => read(path.posix.join(here, to)));
}

async function main() {
  const css = sheets.map(read).join("\n");
  const pagesAndScripts = fs.readdirSync(site, { recursive: true }).filter((name) => /\.(html|js)$/.test(name));
  // A rule stays when all of its names occur anywhere on a page or in a script, in whatever meaning.
  const [{ css: used }] = await new PurgeCSS().purge({
    content: pagesAndScripts.map((name) => path.join(site, name)),
    css: [{ raw: css }],
    // Which scripts write as properties of dataset, or put together from parts.
    dynamicAttributes: ["data-theme", "data-mode", "data-bs-popper", "data-popper-placement"],
    safelist: { standard: [/^:focus-visible$/], greedy: [/bs-tooltip/] }, // it has no name; its name has parts
    fontFace: true,
    keyframes: true,
  });

  // Of the icons' font only those that a rule shows.
  const icons = new Set(used.match(/[\uE000-\uF8FF]/g));
  for (const [, code] of used.matchAll(/\\(f[0-9a-f]{3})/gi)) icons.add(String.fromCodePoint(parseInt(code, 16)));
  // Font Awesome names its solid icons by a family of its own and by their weight, whatever its version.
  let font = null;
  const slim = used.replace(/@font-face\s*{[^}]*}/g, (face) => {
    if (!/font-family:[^;}]*awesome/i.test(face) || !/font-weight:\s*900/.test(face)) return face;
    return face.replace(/src:\s*url\("([^"]*\.woff2)"\)[^;}]*/, (_, file) => {
      font = file;
      return `src:url("${ICONS}") format("woff2")`;
    });
  });
  if (font === null) throw new Error("the style sheets name no font of icons");
  const whole = fs.readFileSync(path.join(folder, font));
  fs.writeFileSync(path.join(folder, ICONS), await subsetFont(whole, [...icons].join(""), { targetFormat: "woff2" }));
  const inside = AT_ONCE.reduce((sheet, name) => {
    if (!sheet.includes(`url("${name}")`)) throw new Error(`the style sheets do not name the font ${name}`);
    return sheet.replace(`url("${name}")`, `url("data:font/woff2;base64,${fs.readFileSync(path.join(folder, name), "base64")}")`);
  }, slim);
  fs.writeFileSync(path.join(folder, target), inside);
  process.stdout.write(JSON.stringify({ before: css.length, after: inside.length, icons: icons.size }));
}

main();
