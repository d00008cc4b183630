// Orders what the search finds, as Sphinx asks for it: chapters before other pages; first the chapter whose number is
// asked for ("chapter 6", "chapter 06"), then a page whose address contains a word of the query.

var Scorer = {
  score: ([docname, title, anchor, description, score]) => {
    const query = (new URLSearchParams(location.search).get("q") ?? "").toLowerCase();
    const asked = query.match(/\bchapter\s+0*(\d+)\b/);
    const number = docname.match(/^chapters\/0*(\d+)-/);
    if (asked && number && asked[1] === number[1]) score += 200;
    const words = query.split(/\W+/).filter((word) => word.length > 2);
    if (words.some((word) => docname.split("/").pop().split("-").includes(word))) score += 20;
    return number ? score + 40 : score;
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
