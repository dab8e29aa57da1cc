// Slack's mrkdwn as document nodes. `look` answers what ids mean: `user(id)` → name, `channel(id, label)` → {name, path}, `inside(href)` → path.

import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { webAddress } from "./links.js";

const MARKS = new RegExp(
  [
    "<(?<angle>[^<>\\n]+)>",
    "`(?<code>[^`\\n]+)`",
    ":(?<emoji>[a-z0-9_+'-]+(?:::[a-z0-9-]+)?):",
    "(?<![\\p{L}\\p{N}*])\\*(?<bold>\\S(?:[^*\\n]*\\S)?)\\*(?![\\p{L}\\p{N}*])",
    "(?<![\\p{L}\\p{N}_])_(?<italic>\\S(?:[^_\\n]*\\S)?)_(?![\\p{L}\\p{N}_])",
    "(?<![\\p{L}\\p{N}~])~(?<strike>\\S(?:[^~\\n]*\\S)?)~(?![\\p{L}\\p{N}~])",
  ].join("|"),
  "u",
);

export function unescapeText(text) {
  return text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

export function escapeText(text) {
  return text.replace(/[&<>]/g, (sign) => ({ "<": "&lt;", ">": "&gt;", "&": "&amp;" })[sign]);
}

/** A text block: paragraphs, quotes and preformatted parts. */
export function mrkdwn(text, look) {
  return text.split(/```\n?([\s\S]*?)\n?```/).flatMap((part, index) => {
    if (index % 2) return [el("pre", {}, el("code", {}, unescapeText(part)))];
    return lines(part, look);
  });
}

function lines(text, look) {
  const nodes = [];
  let quote = null;
  for (const line of text.replace(/^\n|\n$/g, "").split("\n")) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (!quoted) quote = null;
    else if (!quote) nodes.push((quote = el("blockquote")));
    const into = quote ?? nodes;
    if (quote ? quote.hasChildNodes() : isText(nodes.at(-1))) add(into, el("br"));
    for (const node of inline(quoted ? quoted[1] : line, look)) add(into, node);
  }
  return nodes;
}

function add(into, node) {
  if (Array.isArray(into)) into.push(node);
  else into.append(node);
}

function isText(node) {
  return node !== undefined && node.nodeName !== "BLOCKQUOTE";
}

/** One line. An empty line is an empty text, so that its break is kept. */
export function inline(text, look) {
  const found = MARKS.exec(text);
  if (!found) return [document.createTextNode(unescapeText(text))];
  const before = text.slice(0, found.index);
  const after = text.slice(found.index + found[0].length);
  return [...(before ? inline(before, look) : []), marked(found, look), ...(after ? inline(after, look) : [])];
}

function marked({ 0: raw, groups }, look) {
  if (groups.angle !== undefined) return angle(groups.angle, raw, look);
  if (groups.code !== undefined) return el("code", {}, unescapeText(groups.code));
  if (groups.emoji !== undefined) return glyph(groups.emoji);
  if (groups.bold !== undefined) return el("strong", {}, inline(groups.bold, look));
  if (groups.italic !== undefined) return el("em", {}, inline(groups.italic, look));
  return el("s", {}, inline(groups.strike, look));
}

export function glyph(name) {
  const sign = emoji(name);
  return sign.startsWith(":") ? document.createTextNode(sign) : el("span", { role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` }, sign);
}

function angle(inner, raw, look) {
  const [target, label] = inner.split(/\|(.*)/s);
  if (target.startsWith("@")) return userLink(target.slice(1), look);
  if (target.startsWith("#")) return channelLink(target.slice(1), label, look);
  if (target.startsWith("!")) return el("span", { class: "mention" }, broadcast(target, label));
  return /^(https?:|mailto:|\/archives\/)/i.test(target) ? webLink(target, label, look) : document.createTextNode(unescapeText(raw));
}

function broadcast(target, label) {
  const [name, ...rest] = target.slice(1).split("^");
  return unescapeText(name === "date" ? label ?? rest[0] : `@${name}`);
}

export function userLink(id, look) {
  return el("span", { class: look.isMe(id) ? "mention me" : "mention" }, `@${look.user(id)}`);
}

export function channelLink(id, label, look) {
  const channel = look.channel(id, label);
  return channel.path ? el("a", { class: "mention", href: channel.path }, channel.name) : el("span", { class: "mention" }, channel.name);
}

/** A link that leaves the page opens beside it; one that does not is followed here (see `router.js`). */
export function webLink(href, label, look) {
  const address = unescapeText(href);
  const shown = unescapeText(label ?? href);
  const inside = look.inside(address);
  if (inside) return el("a", { href: inside }, shown);
  if (!webAddress(address)) return document.createTextNode(shown);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, shown);
}
