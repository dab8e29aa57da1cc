// What each person has seen: the newest ts per person and place, remembered in this browser.

import { remember, remembered } from "./store.js";

const KEY = "tacit.read";

export function lastRead(me, channel) {
  return remembered(KEY, {})[`${me}/${channel}`] ?? "";
}

export function markRead(me, channel, ts) {
  const marks = remembered(KEY, {});
  if (!ts || (marks[`${me}/${channel}`] ?? "") >= ts) return;
  remember(KEY, { ...marks, [`${me}/${channel}`]: ts });
}

export function isUnread(me, channel) {
  return Boolean(channel.latest) && channel.latest > lastRead(me, channel.id);
}
