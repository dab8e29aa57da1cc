// One message as a row of a list.

import { renderBlocks } from "./blocks.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { MEANS, emoji } from "./emoji.js";
import { threadPath } from "./links.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar, botName, labelOf, lookFor, nameOf } from "./people.js";
import { clock, full, when } from "./time.js";

/** `at`: {compact, inThread, highlighted, inspected, status}. `acts`: what buttons do. */
export function messageRow(state, message, at, acts) {
  const author = authorOf(state, message);
  const classes = ["message", at.compact && "compact", message.is_ephemeral && "ephemeral", at.highlighted && "highlighted", at.inspected && "inspected"];
  return el("div", {
    class: classes.filter(Boolean).join(" "), role: "listitem", tabindex: "-1", data: { ts: message.ts },
    "aria-label": `${author.name}, ${clock(message.ts)}`,
  },
    el("div", { class: "gutter" }, at.compact ? el("time", { class: "small-time", title: full(message.ts) }, clock(message.ts)) : avatar(state, author.id, author.name)),
    el("div", { class: "content" },
      message.is_ephemeral ? el("p", { class: "only-you" }, icon("eye"), "Only visible to you") : null,
      at.compact ? null : byline(author, message),
      el("div", { class: "body" }, body(state, message, acts)),
      reactions(state, message, acts),
      el("div", { class: "after" }, replies(state, message, at), at.status ? statusLine(state, at.status) : null, why(state, message, at, acts))));
}

export function authorOf(state, message) {
  const id = message.user ?? message.bot_id ?? "";
  const ours = id === state.bot?.user || (message.bot_id && message.bot_id === state.bot?.bot_id);
  const user = state.users.get(id);
  const name = ours ? botName(state) : user ? nameOf(state, id) : message.user_name ?? message.username ?? "Slackbot";
  return { id: ours ? state.bot.user : id, name, ours, label: ours ? "app" : labelOf(user, state.team) };
}

function byline(author, message) {
  return el("p", { class: "byline" },
    el("strong", { class: "who" }, author.name),
    ["app", "guest", "external"].includes(author.label) ? el("span", { class: "badge" }, author.label) : null,
    el("time", { title: full(message.ts) }, clock(message.ts)));
}

function body(state, message, acts) {
  const look = lookFor(state);
  if (message.subtype === "tombstone") return el("em", { class: "quiet" }, "This message was deleted.");
  const blocks = message.blocks ?? [];
  const madeOfText = blocks.every((block) => block.type === "rich_text" && block.block_id === "text"); // Slack makes it; the text says more.
  const drawn = madeOfText ? mrkdwn(message.text ?? "", look) : renderBlocks(blocks, look, (button) => acts.click(message, button));
  const files = (message.files ?? []).map((file) => el("p", { class: "file" }, `📄 ${file.title || file.name}`));
  return [drawn, message.edited ? el("span", { class: "quiet edited" }, " (edited)") : null, files];
}

function reactions(state, message, acts) {
  if (!message.reactions?.length) return null;
  return el("div", { class: "reactions" }, message.reactions.map((one) => reaction(state, message, one, acts)));
}

function reaction(state, message, { name, users = [], count }, acts) {
  const mine = users.includes(state.me);
  const who = users.map((id) => nameOf(state, id)).join(", ");
  return el("button", {
    type: "button", class: "reaction", "aria-pressed": String(mine), data: { focus: `reaction-${name}` },
    title: `${who} · :${name}:${MEANS[name] ? ` (${MEANS[name]})` : ""}`, "aria-label": `${name.replaceAll("_", " ")}, ${count ?? users.length}: ${who}`,
    onclick: () => acts.react(message, name, !mine),
  }, el("span", { "aria-hidden": "true" }, emoji(name)), el("span", { "aria-hidden": "true" }, String(count ?? users.length)));
}

function replies(state, message, at) {
  if (at.inThread || !message.reply_count) return null;
  const faces = (message.reply_users ?? []).slice(0, 3).map((id) => avatar(state, id, nameOf(state, id)));
  const last = message.latest_reply ? el("span", { class: "quiet" }, `Last reply ${when(message.latest_reply)}`) : null;
  return el("a", { class: "replies", href: threadPath(message.channel ?? state.route.channel, message.ts), data: { quiet: "", focus: "replies" } },
    faces, el("strong", {}, `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`), last);
}

export function statusLine(state, text) {
  const told = /^(is|are|has) /.test(text) ? `${botName(state)} ${text}` : text;
  return el("span", { class: "status" }, el("span", { class: "pulse", "aria-hidden": "true" }), told);
}

function why(state, message, at, acts) {
  const answer = at.inThread && authorOf(state, message).ours && !message.is_ephemeral && message.subtype !== "tombstone";
  if (!answer) return null;
  return el("button", { type: "button", class: "why", "aria-pressed": String(Boolean(at.inspected)), data: { focus: "why" }, onclick: () => acts.inspect(message) }, "Why this answer?");
}

export function dayRow(name) {
  return el("div", { class: "divider", role: "separator", "aria-label": name }, el("span", {}, name));
}

export function newRow() {
  return el("div", { class: "divider new", role: "separator", "aria-label": "New messages" }, el("span", {}, "New"));
}

