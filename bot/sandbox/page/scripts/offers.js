// What the message field offers while one types: people of the place after `@`, commands after `/`.

import { channelOf, displayName } from "./people.js";

const COMMANDS = [
  ["/learnings", "what Tacit has learned and you may see"],
  ["/learnings help", "what else it can do"],
  ["/learnings forget ", "withdraw one of the list, by its number"],
];
const MOST = 6;

export function offersFor(state, word, atStart, inThread) {
  if (word.startsWith("@")) return people(state, word.slice(1).toLowerCase());
  return atStart && !inThread ? commands(word.toLowerCase()) : [];
}

function commands(word) {
  return COMMANDS.filter(([command]) => command.startsWith(word))
    .map(([command, hint]) => ({ insert: command, label: command.trim(), hint }));
}

function people(state, word) {
  const members = channelOf(state, state.route.channel)?.members ?? [];
  const bot = { insert: `@${state.bot.name} `, label: `@${state.bot.name}`, hint: "the teammate that learns", name: state.bot.name };
  const others = members.filter((id) => id !== state.me && id !== state.bot.user).map((id) => state.users.get(id)).filter(Boolean)
    .map((user) => ({ insert: `@${user.name} `, label: `@${user.name}`, hint: displayName(user) === user.name ? "" : displayName(user), name: user.name }));
  return [bot, ...others].filter((one) => one.name.toLowerCase().startsWith(word)).slice(0, MOST);
}
