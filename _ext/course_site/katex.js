// Standard input: [{tex, display}, …]. Standard output: [{html} or {error}, …]. The argument is the folder of KaTeX.
const fs = require("fs");
const katex = require(process.argv[2] + "/katex.min.js");

const answers = JSON.parse(fs.readFileSync(0, "utf8")).map(({ tex, display }) => {
  try {
    // Strict: what only KaTeX accepts would fail where the notebook is read elsewhere.
    return { html: katex.renderToString(tex, { displayMode: display, strict: "error" }) };
  } catch (error) {
    return { error: error.message };
  }
});
process.stdout.write(JSON.stringify(answers));
