// The inspector's second tab: what was learned lately, from whom and where, and who may see it. States stand apart: nobody's list shows them.
// So does what waits for a person's word.

import { el } from "./dom.js";
import { empty } from "./inspector_reply.js";
import { insightCard } from "./insight_card.js";

export function learnedTab(state) {
  const { learned } = state;
  if (!learned) return empty("Looking…");
  if (learned.error) return empty(learned.error);
  if (!learned.insights.length && !learned.states.length && !learned.waiting.length) {
    return empty("Nothing learned yet. Tell Tacit something in a channel, then mark the thread with ✅ or wait until it is quiet.");
  }
  const more = learned.total - learned.insights.length;
  return [
    el("ul", { class: "cards" }, learned.insights.map((one) => insightCard(state, one))),
    more > 0 ? el("p", { class: "quiet" }, `And ${more} more.`) : null,
    learned.waiting.length ? group(state, "Wait for a person's word", learned.waiting.map(waiting)) : null,
    learned.states.length ? group(state, "Summaries, pointers, profiles", learned.states.map((one) => [one])) : null,
  ];
}

function waiting(one) {
  return [one, { note: one.asked ? "Not in force: somebody is asked." : "Not in force: nobody is asked yet." }];
}

function group(state, name, list) {
  return el("section", { class: "cards" },
    el("h3", {}, name, el("span", { class: "count" }, String(list.length))),
    el("ul", {}, list.map(([one, more]) => insightCard(state, one, more))));
}
