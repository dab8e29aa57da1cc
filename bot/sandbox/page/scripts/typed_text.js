// A message's text as a person would type it: `@ana` for `<@U…>`, `#infra` for `<#C…>`, and signs unescaped.

import { unescapeText } from "./mrkdwn.js";
import { channelOf } from "./people.js";

export function typedText(text, state) {
  return unescapeText(text.replace(/<([^<>\n]+)>/g, (raw, inner) => typed(inner, state) ?? raw));
}

function typed(inner, state) {
  const [target, label] = inner.split("|");
  if (target.startsWith("@")) return mention(target.slice(1), state);
  if (target.startsWith("#")) return `#${channelOf(state, target.slice(1))?.name ?? label ?? target.slice(1)}`;
  if (target.startsWith("!")) return `@${target.slice(1)}`;
  return label && label !== target ? null : target;
}

function mention(id, state) {
  return `@${id === state.bot?.user ? state.bot.name : state.users.get(id)?.name ?? id}`;
}
