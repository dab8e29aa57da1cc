// The right: behind the scenes. Three tabs: one reply, what was learned, what is under way.

import { el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { learnedTab } from "./inspector_learned.js";
import { replyTab } from "./inspector_reply.js";
import { workTab } from "./inspector_work.js";

const TABS = [["reply", "Reply", replyTab], ["learned", "Learned", learnedTab], ["work", "Under way", workTab]];

export function createInspector(context, root) {
  const { store } = context;
  const tabs = el("div", { class: "tabs", role: "tablist", "aria-label": "Inspector", onkeydown: moveTab });
  const panel = el("div", { class: "panel", role: "tabpanel", id: "inspector-panel", tabindex: "0" });
  root.append(
    el("header", { class: "pane-header" },
      el("button", { type: "button", class: "back", "aria-label": "Back to the conversation", onclick: () => context.showInspector(false) }, icon("back")),
      el("div", { class: "titles" }, el("h2", {}, "Inspector"), el("p", { class: "quiet" }, "Shows everything, whoever you speak as")),
      el("button", { type: "button", class: "plain close", "aria-label": "Close inspector", onclick: () => context.showInspector(false) }, icon("close"))),
    tabs, panel);

  function moveTab(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = TABS.map(([name]) => name);
    const to = names[(names.indexOf(store.get().tab) + step + names.length) % names.length];
    store.set({ tab: to });
    queueMicrotask(() => tabs.querySelector(`#tab-${to}`)?.focus());
  }

  return (state) => {
    fill(tabs, JSON.stringify([state.tab, counts(state)]), () => TABS.map(([name, label]) => tab(store, state, name, label)));
    panel.setAttribute("aria-labelledby", `tab-${state.tab}`);
    const [, , draw] = TABS.find(([name]) => name === state.tab);
    const shown = { reply: [state.inspected, state.reply], learned: without(state.learned), work: [without(state.states), second(state)] }[state.tab];
    fill(panel, JSON.stringify([state.tab, shown, state.me, state.view, state.users.size]), () => draw(state, context));
  };
}

function tab(store, state, name, label) {
  const here = state.tab === name;
  const count = counts(state)[name];
  return el("button", {
    type: "button", role: "tab", id: `tab-${name}`, "aria-selected": String(here), "aria-controls": "inspector-panel", tabindex: here ? "0" : "-1",
    data: { focus: `tab-${name}` }, onclick: () => store.set({ tab: name }),
  }, label, count ? el("span", { class: "count" }, String(count)) : null);
}

function counts({ learned, states }) {
  const busy = (states?.conversations ?? []).filter((one) => one.phase === "due" || one.phase === "learning").length;
  return { learned: learned?.total ?? 0, work: busy + (states?.questions?.length ?? 0) };
}

function without(answer) {
  return answer && { ...answer, now: undefined };
}

/** Countdowns move once a second, and only while something counts down. */
function second(state) {
  return state.states?.conversations?.some((one) => one.phase === "due") ? state.tick : 0;
}
