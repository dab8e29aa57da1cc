// The middle: one channel or DM.

import { api } from "./api.js";
import { confirmed } from "./dialog.js";
import { el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { attempted } from "./notices.js";
import { createPane } from "./pane.js";
import { channelOf, nameOf, placeName } from "./people.js";
import { allTried, tryCard } from "./tries.js";

export function createPlace(context, root) {
  const { store } = context;
  const messages = () => store.get().place?.messages ?? [];
  const pane = createPane(context, root, { id: "composer", list: messages, thread: () => null, inThread: false });

  function show(state) {
    const { route, place } = state;
    const channel = channelOf(state, route.channel);
    const dm = route.channel === "DM" || route.channel === state.view?.dm;
    const visible = dm || Boolean(channel);
    showHeader(state, channel, dm);
    showAbove(state, dm, visible);
    if (place) pane.messages.show(state, place.messages, { where: `${state.me}/${route.channel}/${route.ts}`, inThread: false, newSince: state.newSince, highlight: highlight(state) });
    else pane.rows.replaceChildren();
    fill(pane.below, JSON.stringify([route.channel, channel?.member, visible]), () => (channel && !channel.member && !dm ? joinBar(channel) : null));
    pane.composer.form.hidden = !visible || Boolean(channel && !channel.member && !dm);
    pane.composer.at(`${state.me}/${route.channel}`, `Message ${placeName(state, route.channel)}`);
  }

  function showHeader(state, channel, dm) {
    const signature = JSON.stringify([state.me, state.route.channel, channel, dm, state.users.size]);
    fill(pane.header, signature, () => [
      el("a", { class: "back", href: "/", "aria-label": "Back to the list of channels", data: { focus: "back" } }, icon("back")),
      el("div", { class: "titles" }, el("h1", {}, title(state, channel, dm)), el("p", { class: "quiet" }, subtitle(state, channel, dm))),
      channel?.member && !dm ? el("button", { type: "button", class: "button small leave", data: { focus: "leave" }, onclick: () => leave(channel) }, "Leave") : null,
      el("button", { type: "button", class: "button small to-inspector", data: { focus: "inspector" }, onclick: () => context.showInspector(true) }, "Inspector"),
    ]);
  }

  function showAbove(state, dm, visible) {
    const empty = state.place && !state.place.messages.length && !state.place.error;
    const lost = lostSentence(state);
    const fresh = empty && !lost && (dm || channelOf(state, state.route.channel)?.member) && !allTried(state);
    document.body.classList.toggle("fresh", Boolean(fresh));
    fill(pane.above, JSON.stringify([state.me, state.route, empty, fresh, lost, dm, visible, state.about, state.tried]), () => {
      if (lost) return el("div", { class: "empty", role: "alert" }, el("p", {}, lost));
      if (!empty) return null;
      const hello = dm ? "This is a conversation between you and Tacit. What you teach it here stays with you." : "Nothing was said here yet.";
      return el("div", { class: "empty" }, el("p", {}, hello), fresh ? tryCard(context, state) : null);
    });
  }

  async function leave(channel) {
    const sure = !channel.private || (await confirmed(`Leave ${channel.name}?`, "It is private: nobody can come back by themselves.", "Leave"));
    if (sure) await attempted(() => api.leave(store.get().me, channel.id));
  }

  function joinBar(channel) {
    return el("div", { class: "join" }, el("p", {}, `You are looking into #${channel.name} without being in it.`),
      el("button", { type: "button", class: "button primary", onclick: () => attempted(() => api.join(store.get().me, channel.id)) }, "Join channel"));
  }

  return { show, composer: pane.composer, focusMessage: pane.messages.focusMessage };
}

function title(state, channel, dm) {
  if (dm) return placeName(state, "DM");
  return channel ? [sigil(channel), channel.name] : "Not here";
}

function sigil(channel) {
  return el("span", { class: "sigil", role: "img", "aria-label": channel.private ? "private channel" : "channel" }, icon(channel.private ? "lock" : "hash"));
}

function subtitle(state, channel, dm) {
  if (dm) return "Direct message";
  if (!channel) return "";
  const names = (channel.members ?? []).map((id) => nameOf(state, id));
  const shared = channel.shared ? " · shared with another organisation" : "";
  return `${names.join(", ")}${channel.tacit === false ? " · Tacit is not in here" : ""}${shared}`;
}

function highlight({ route }) {
  return route.quiet || (route.thread && route.thread !== route.ts) ? null : route.ts;
}

/** Why what the address names is not shown, or "". Says no more than the person may know. */
function lostSentence(state) {
  const { route, place, me } = state;
  const who = nameOf(state, me);
  if (!place) return "";
  if (place.error && place.status_code === 0) return place.error;
  if (place.error) return `${who} cannot see this place: it does not exist, or ${who} is not in it. Speak as somebody who is, and it opens.`;
  const root = route.thread ?? route.ts;
  const found = !root || place.messages.some((message) => message.ts === root);
  const foundReply = !route.thread || !state.thread?.messages || state.thread.messages.some((message) => message.ts === route.ts);
  if (found && foundReply) return "";
  return `${who} cannot see this message: it was deleted, or it is for somebody else.`;
}
