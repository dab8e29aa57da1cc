// One insight: its sentence, who may see it, and where it was said.

import { el } from "./dom.js";
import { messagePath } from "./links.js";
import { anyPlaceName, nameOf } from "./people.js";
import { full, when } from "./time.js";

/** `note`: a line on top, such as why it was withheld; `tone`: cited, recalled, withheld. */
export function insightCard(state, insight, { tone = "", note = "" } = {}) {
  if (insight.forgotten) return el("li", { class: `card gone ${tone}` }, el("p", { class: "sentence" }, "Forgotten since; its sentence is gone."), note ? el("p", { class: "note" }, note) : null);
  return el("li", { class: `card ${tone}` },
    note ? el("p", { class: "note" }, note) : null,
    el("p", { class: "sentence" }, insight.sentence),
    el("p", { class: "pills" },
      el("span", { class: "pill" }, insight.kind || insight.store),
      insight.state ? el("span", { class: "pill", title: "Not listed: the newest replaces the older" }, "state") : null,
      insight.standing ? el("span", { class: "pill", title: "Considered with every question" }, "standing") : null,
      insight.superseded ? el("span", { class: "pill warn", title: "Something newer contradicts it" }, "superseded") : null),
    insight.why ? el("p", { class: "ranked" }, whyText(insight)) : null,
    el("ul", { class: "evidence" }, insight.evidence.map((one) => el("li", {}, source(state, one)))),
    el("p", { class: "audience" }, audience(state, insight)));
}

/** Why it was shown or left out, and what it was ranked by. */
function whyText({ why, scores }) {
  const numbers = Object.entries(scores ?? {}).map(([name, number]) => `${name} ${number}`);
  return numbers.length ? `${why} (${numbers.join(", ")})` : why;
}

function source(state, one) {
  const where = `${nameOf(state, one.teammate)} in ${place(state, one)}`;
  const thread = one.thread && one.thread !== one.ts ? one.thread : null;
  const told = el("time", { title: full(one.at) }, when(one.at));
  return [one.ts ? el("a", { href: messagePath(one.place, one.ts, thread) }, where) : where, ", ", told];
}

function place(state, { place: id, taught }) {
  return taught === "dm" ? "a DM" : anyPlaceName(state, id);
}

function isPrivate(state, id) {
  const channel = state.places.get(id);
  return Boolean(channel?.is_private || channel?.is_mpim);
}

/** The rule of the product in words: taught in a public channel → everybody; in a private place → that place; in a DM → that teammate. The database decides. */
function audience(state, { evidence, about }) {
  if (about) return `For ${nameOf(state, about)} alone.`;
  const told = new Set(evidence.map((one) => {
    const where = place(state, one);
    if (one.taught === "dm") return `${nameOf(state, one.teammate)} alone, as it was said in a DM`;
    if (one.taught === "guest") return `replies in ${where} alone, as a guest said it`;
    if (one.taught === "unconfirmed") return `replies in ${where} and by ${nameOf(state, one.teammate)} alone, until a second teammate confirms it`;
    if (isPrivate(state, one.place)) return `those in ${where}, as it is private`;
    return one.taught === "public" ? `everybody in ${state.team?.name ?? "the workspace"}, as ${where} is public` : `nobody, as ${where} was private then`;
  }));
  return `Seen by ${[...told].join("; ") || "nobody yet"}.`;
}
