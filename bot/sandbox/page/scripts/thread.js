// The thread beside the place.

import { el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { placePath } from "./links.js";
import { createPane } from "./pane.js";
import { channelOf, placeName } from "./people.js";
import { statusLine } from "./row.js";

export function createThread(context, root) {
  const { store, router } = context;
  const messages = () => store.get().thread?.messages ?? [];
  const pane = createPane(context, root, { id: "reply", list: messages, thread: () => store.get().route.thread, inThread: true });

  function close() {
    const { route } = store.get();
    if (!route.thread) return;
    router.go(placePath(route.channel)).then(() => context.place().focusMessage(route.thread));
  }

  function show(state) {
    const { route, thread } = state;
    root.hidden = !route.thread || thread?.messages?.length === 0; // A thread that cannot be seen: the place says so.
    document.body.classList.toggle("with-thread", !root.hidden);
    if (root.hidden) return;
    fill(pane.header, JSON.stringify([state.me, route.channel, state.view?.channels.length]), () => [
      el("button", { type: "button", class: "back", "aria-label": "Back to the channel", data: { focus: "back" }, onclick: close }, icon("back")),
      el("div", { class: "titles" }, el("h2", {}, "Thread"), el("p", { class: "quiet" }, placeName(state, route.channel))),
      el("button", { type: "button", class: "plain close", "aria-label": "Close thread (Esc)", title: "Close (Esc)", data: { focus: "close" }, onclick: close }, icon("close"))]);
    if (thread?.messages) pane.messages.show(state, thread.messages, { where: `${state.me}/${route.channel}/${route.thread}/${route.ts}`, inThread: true, newSince: "", highlight: route.quiet ? null : route.ts });
    else pane.rows.replaceChildren();
    showStatus(state);
    const channel = channelOf(state, route.channel);
    pane.composer.form.hidden = Boolean(channel && !channel.member);
    pane.composer.at(`${state.me}/${route.channel}/${route.thread}`, "Reply…");
  }

  function showStatus(state) {
    const status = state.statuses[`${state.route.channel}:${state.route.thread}`] ?? "";
    pane.below.classList.add("status-place");
    fill(pane.below, status, () => (status ? statusLine(state, status) : null));
  }

  return { show, close };
}
