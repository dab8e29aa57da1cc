// The inspector's third tab: conversations on their way to being learned, and questions on their way to a reply.

import { el } from "./dom.js";
import { empty } from "./inspector_reply.js";
import { threadPath } from "./links.js";
import { anyPlaceName, nameOf } from "./people.js";
import { stretch, when } from "./time.js";

const QUESTION = { noted: "waits for its turn", leased: "is being answered", posting: "is being posted", answered: "is answered" };
const STEP = { reading: "reading the thread", settling: "comparing with what is known", keeping: "keeping what is new" };

export function workTab(state) {
  const { states } = state;
  if (!states) return empty("Looking…");
  if (states.error) return empty(states.error);
  return [questions(state, states), conversations(state, states.conversations)];
}

function questions(state, { questions: open, counts }) {
  const total = ["noted", "leased", "posting", "answered"].map((name) => el("li", {}, el("strong", {}, String(counts[name] ?? 0)), el("span", {}, name)));
  return el("section", { class: "cards" },
    el("h3", {}, "Questions"),
    el("ol", { class: "steps" }, total),
    el("ul", {}, open.map((one) => el("li", { class: "card" }, el("p", {}, link(state, one.place, one.thread, `${nameOf(state, one.asker)}’s question`), ` ${QUESTION[one.state] ?? one.state}`)))));
}

function conversations(state, list) {
  return el("section", { class: "cards" },
    el("h3", {}, "Conversations"),
    list.length ? el("ul", {}, list.map((one) => conversation(state, one))) : el("p", { class: "quiet" }, "None yet. A conversation begins when somebody mentions Tacit or writes to it."));
}

function conversation(state, one) {
  return el("li", { class: `card ${one.phase}` },
    el("p", {}, link(state, one.place, one.thread, anyPlaceName(state, one.place)), el("span", { class: "quiet" }, ` from ${when(one.thread)}`)),
    el("p", { class: "phase" }, el("span", { class: `pill ${one.phase}` }, one.phase), phase(state, one)),
    one.error ? el("p", { class: "note" }, `The last attempt failed (${one.error}); it is tried again.`) : null);
}

function phase(state, one) {
  const left = (one.due ?? 0) - (Date.now() / 1000 + (state.clockSkew ?? 0));
  const attempt = one.attempt > 1 ? `, attempt ${one.attempt}` : "";
  if (one.phase === "due") return left > 0 ? `learned in ${stretch(left)}, unless it goes on` : "due now";
  if (one.phase === "learning") return `${STEP[one.step] ?? "at work"}${attempt}`;
  return one.through ? `through ${when(one.through)}` : "goes on";
}

function link(state, place, thread, label) {
  return thread ? el("a", { href: threadPath(place, thread), data: { quiet: "" } }, label) : label;
}
