// The inspector's second tab: what was learned lately, from whom and where, and who may see it. States stand apart: nobody's list shows them.

import { el } from "./dom.js";
import { empty } from "./inspector_reply.js";
import { insightCard } from "./insight_card.js";

export function learnedTab(state) {
  const { learned } = state;
  if (!learned) return empty("Looking…");
  if (learned.error) return empty(learned.error);
  if (!learned.insights.length && !learned.states.length) {
    return empty("Nothing learned yet. Tell Tacit something in a channel, then mark the thread with ✅ or wait until it is quiet.");
  }
  const more = learned.total - learned.insights.length;
  return [
    el("ul", { class: "cards" }, learned.insights.map((one) => insightCard(state, one))),
    more > 0 ? el("p", { class: "quiet" }, `And ${more} more.`) : null,
    learned.states.length ? states(state, learned.states) : null,
  ];
}

function states(state, list) {
  return el("section", { class: "cards" },
    el("h3", {}, "Summaries, pointers, profiles", el("span", { class: "count" }, String(list.length))),
    el("ul", {}, list.map((one) => insightCard(state, one))));
}
