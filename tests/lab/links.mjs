// Links: states on standard input become fragments and come back; broken fragments are refused with a sentence.
import { fromLink, makeState, toLink } from "../../_static/lab/state.mjs";

let text = "";
for await (const part of process.stdin) text += part;
const { states, fragments, experiments } = JSON.parse(text);
const answers = states.map((given) => {
  const state = makeState(given);
  const link = toLink(state);
  return { state, link, back: fromLink(`#${link}`, experiments) };
});
const read = (fragment) => {
  try {
    return { state: fromLink(fragment, experiments) };
  } catch (error) {
    return { refused: error.message, kind: error.name };
  }
};
console.log(JSON.stringify({ answers, read: fragments.map(read) }));
