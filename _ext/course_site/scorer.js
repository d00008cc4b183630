// Orders what the search finds, as Sphinx asks for it: first the chapter whose number is asked for ("chapter 6",
// "chapter 06"), then the page that readers mean who type such words (ASKED, from asked.yml), then chapters before
// other pages.

const ASKED = {};
const QUIET = new Set("a an and are be can do does for from how i in is it my of on or the to what when which why with".split(" "));

/** The words of a text, in one form each: "Batch Norms" and "batch normalization" are "batchnorm". */
function wordsOf(text) {
  const joined = text.toLowerCase().replace(/\bbatch[\s-]?norm(ali[sz]ation)?s?\b/g, "batchnorm");
  const words = joined.split(/[^\w]+/).filter((word) => word && !QUIET.has(word));
  return words.map((word) => (word.length > 3 ? word.replace(/(ies|es|s)$/, (end) => (end === "ies" ? "y" : "")) : word));
}

const query = wordsOf(new URLSearchParams(location.search).get("q") ?? "");

/** How many words of the query the longest entry of a page has that it contains as a whole. */
function asked(docname) {
  const sizes = (ASKED[docname] ?? [])
    .map(wordsOf)
    .map((entry) => (entry.every((word) => query.includes(word)) ? entry.length : 0));
  return Math.max(0, ...sizes);
}

var Scorer = {
  score: ([docname, title, anchor, description, score]) => {
    const number = docname.match(/^chapters\/0*(\d+)-/);
    const at = query.indexOf("chapter");
    if (number && at >= 0 && Number(query[at + 1]) === Number(number[1])) score += 1000;
    return score + 200 * asked(docname) + (number ? 40 : 0);
  },
  // Sphinx's own values.
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
