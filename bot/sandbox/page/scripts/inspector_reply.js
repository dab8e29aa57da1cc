// The inspector's first tab: what one reply rests on.

import { el } from "./dom.js";
import { insightCard } from "./insight_card.js";
import { messagePath } from "./links.js";
import { nameOf } from "./people.js";

export function replyTab(state) {
  const { inspected, reply } = state;
  if (!inspected) return empty("No reply yet. When Tacit answers, this shows what came to its mind, what it kept to itself and why, and what it used.");
  if (!reply) return empty("Looking…");
  if (reply.error) return empty(reply.error);
  if (!reply.found) return empty("This message is no recorded answer to a question, so there is nothing to show for it.");
  return [asked(state, reply, inspected), reply.missing ? missing() : null, ...sections(state, reply)];
}

function sections(state, { question, cited, recalled, left, withheld }) {
  if (question.failed) return [el("p", { class: "card warn" }, "Something went wrong, and the reply says so. Its Retry button answers again.")];
  if (!cited.length && !recalled.length && !withheld.length) return [empty("Nothing that Tacit has learned came to mind.")];
  return [
    section("Used and cited", cited.map((one) => insightCard(state, one, { tone: "cited" })), "Nothing: the answer rests on no insight."),
    section("Recalled, not used", recalled.map((one) => insightCard(state, one, { tone: "recalled" })), ""),
    section("Considered, left out", left.map((one) => insightCard(state, one, { tone: "recalled" })), ""),
    section("Withheld", withheld.map((one) => insightCard(state, one, { tone: "withheld", note: `Withheld: ${one.reason}.` })), ""),
  ];
}

function asked(state, { question }, inspected) {
  const { place, ts, thread, asker } = question;
  return el("p", { class: "asked" },
    "Answer to ", el("a", { href: messagePath(place, ts, thread === ts ? null : thread) }, `${nameOf(state, asker)}’s question`), ". ",
    el("a", { href: messagePath(inspected.channel, inspected.ts, thread) }, "Show the reply"));
}

function section(title, cards, otherwise) {
  if (!cards.length && !otherwise) return null;
  return el("section", { class: "cards" },
    el("h3", {}, title, el("span", { class: "count" }, String(cards.length))),
    cards.length ? el("ul", {}, cards) : el("p", { class: "quiet" }, otherwise));
}

function missing() {
  return el("p", { class: "card warn" }, "Slack did not say who is where when this was answered, so more may have been left out than needed.");
}

export function empty(text) {
  return el("p", { class: "nothing" }, text);
}
