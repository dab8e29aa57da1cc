// The left: the workspace, who one speaks as, the places that person can see, and what to try first.

import { el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { placePath } from "./links.js";
import { avatar, botName, labelOf, nameOf, speakers } from "./people.js";
import { isUnread } from "./read_marks.js";
import { remember, remembered } from "./store.js";
import { tryCard } from "./tries.js";

export function createSidebar(context, root) {
  const head = el("header", { class: "workspace" });
  const who = el("fieldset", { class: "who-list" });
  const places = el("div", { class: "places" });
  const tries = el("div", { class: "side-tries", hidden: remembered("tacit.hidden", false) });
  root.append(head, el("div", { class: "side-scroll" }, who, places, tries));

  return (state) => {
    fill(head, JSON.stringify([state.team?.name, state.connections > 0, state.online]), () => workspace(state));
    fill(who, JSON.stringify([state.me, [...state.users.values()].map((user) => [user.id, user.name, user.deleted, labelOf(user, state.team)])]), () => people(context, state));
    const unread = (state.view?.channels ?? []).map((channel) => isUnread(state.me, channel));
    fill(places, JSON.stringify([state.me, state.view, state.route.channel, unread, state.bot?.name]), () => lists(state));
    fill(tries, JSON.stringify([state.about, state.tried, state.users.size]), () => tryCard(context, state, () => {
      remember("tacit.hidden", true);
      tries.hidden = true;
    }));
  };
}

function workspace(state) {
  const here = state.connections > 0;
  const told = !state.online ? "Connecting again…" : here ? `${botName(state)} is here` : `${botName(state)} is away; messages wait for it`;
  return [el("p", { class: "workspace-name" }, state.team?.name ?? ""), el("p", { class: "quiet" }, el("span", { class: `dot ${here && state.online ? "on" : ""}`, "aria-hidden": "true" }), told)];
}

function people(context, state) {
  return [el("legend", {}, "Speak as"), el("div", { class: "people" }, speakers(state).map((user) => person(context, state, user)))];
}

function person(context, state, user) {
  const label = labelOf(user, state.team);
  return el("label", { class: "person" },
    el("input", { type: "radio", name: "speak-as", value: user.id, checked: user.id === state.me, data: { focus: `as-${user.id}` }, onchange: () => context.become(user.id) }),
    avatar(state, user.id, user.name), el("span", { class: "person-name" }, nameOf(state, user.id), label ? el("span", { class: "person-label" }, label) : null));
}

function lists(state) {
  const channels = (state.view?.channels ?? []).filter((channel) => channel.kind !== "dm" && !channel.archived);
  const member = channels.filter((channel) => channel.member);
  const others = channels.filter((channel) => !channel.member);
  return [
    group("Channels", member.map((channel) => entry(state, channel))),
    others.length ? group("Others you can join", others.map((channel) => entry(state, channel))) : null,
    group("Direct messages", [direct(state)]),
  ];
}

function group(name, entries) {
  return el("section", { class: "group" }, el("h2", {}, name), entries.length ? el("ul", {}, entries) : el("p", { class: "quiet" }, "None."));
}

function entry(state, channel) {
  const label = `${channel.private ? "private channel" : "channel"} ${channel.name}`;
  return place(state, channel, el("span", { class: "sigil", "aria-hidden": "true" }, icon(channel.private ? "lock" : "hash")), channel.name, label);
}

function direct(state) {
  const channel = state.view?.channels.find((one) => one.id === state.view.dm) ?? { id: state.view?.dm ?? "DM" };
  return place(state, { ...channel, member: true }, avatar(state, state.bot?.user, ""), botName(state), `direct message with ${botName(state)}`);
}

function place(state, channel, icon, name, label) {
  const here = channel.id === state.route.channel;
  const unread = !here && isUnread(state.me, channel);
  const classes = ["entry", unread && "unread", !channel.member && "outside"].filter(Boolean).join(" ");
  return el("li", {}, el("a", {
    class: classes, href: placePath(channel.id), "aria-current": here ? "page" : null, "aria-label": unread ? `${label}, unread` : label, data: { focus: `to-${channel.id}` },
  }, icon, el("span", { class: "entry-name" }, name), unread ? el("span", { class: "unread-dot", "aria-hidden": "true" }) : null));
}
