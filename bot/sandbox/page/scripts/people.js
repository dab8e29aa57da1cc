// Who and what ids mean to the person who looks: names, labels, avatars, places.

import { el } from "./dom.js";
import { pathInside, placePath } from "./links.js";

export function displayName(user) {
  return user?.profile?.display_name || user?.real_name || user?.profile?.real_name || user?.name || "";
}

export function nameOf(state, id) {
  if (id === state.bot?.user) return botName(state);
  const user = state.users.get(id);
  return user ? shortName(user) : id || "Somebody";
}

/** Sandbox teammates are named like `ana`; people read "Ana". */
function shortName(user) {
  const name = user.profile?.display_name || user.name || displayName(user);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export function botName(state) {
  const name = state.bot?.name || "tacit";
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** What sets this person apart for the rule of who may see what: "guest", "admin", "external", or "". */
export function labelOf(user, team) {
  if (!user) return "";
  if (user.external || (user.team_id && team && user.team_id !== team.id)) return "external";
  if (user.is_restricted || user.is_ultra_restricted) return "guest";
  return user.is_owner ? "owner" : user.is_admin ? "admin" : "";
}

export function speakers(state) {
  return [...state.users.values()].filter((user) => !user.is_bot && !user.deleted && user.id !== "USLACKBOT" && user.id !== state.bot?.user);
}

export function avatar(state, id, name) {
  if (id === state.bot?.user) return el("img", { class: "avatar", src: "/page/icon.svg", alt: "", width: 36, height: 36 });
  return el("span", { class: `avatar hue-${hue(id || name)}`, "aria-hidden": "true" }, (name || "?").charAt(0).toUpperCase());
}

function hue(text) {
  return [...text].reduce((sum, sign) => (sum * 31 + sign.codePointAt(0)) % 997, 7) % 8;
}

export function channelOf(state, id) {
  return state.view?.channels.find((channel) => channel.id === id) ?? null;
}

/** "#infra", "🔒legal" or "Tacit" for a DM, with what the viewer may know: a private place that they are not in has no name. */
export function placeName(state, id) {
  const dm = id === "DM" || id === state.view?.dm;
  if (dm) return botName(state);
  const channel = channelOf(state, id);
  if (!channel) return "a place out of sight";
  return channel.private ? channel.name : `#${channel.name}`;
}

/** Any place by name, whoever looks: for the inspector, which shows everything. */
export function anyPlaceName(state, id) {
  const channel = state.places.get(id);
  if (!channel) return id;
  if (channel.is_im) return `${nameOf(state, channel.user)}’s DM`;
  return channel.is_private || channel.is_mpim ? `${channel.name} (private)` : `#${channel.name}`;
}

/** What `mrkdwn.js` and the blocks ask about ids. */
export function lookFor(state) {
  return {
    user: (id) => nameOf(state, id),
    isMe: (id) => id === state.me,
    inside: (href) => pathInside(href, state.team?.url),
    channel: (id, label) => {
      const channel = channelOf(state, id);
      if (channel) return { name: `${channel.private ? "🔒" : "#"}${channel.name}`, path: placePath(id) };
      return { name: label ? `#${label}` : "a private channel", path: null };
    },
  };
}
