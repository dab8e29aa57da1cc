// Block Kit's `rich_text` and `markdown` blocks. See `mrkdwn.js` for `look`.

import { el } from "./dom.js";
import { channelLink, escapeText, glyph, mrkdwn, userLink, webLink } from "./mrkdwn.js";

export function richText(block, look) {
  return (block.elements ?? []).map((element) => part(element, look));
}

function part(element, look) {
  const inner = element.elements ?? [];
  if (element.type === "rich_text_list") {
    return el(element.style === "ordered" ? "ol" : "ul", {}, inner.map((item) => el("li", {}, part(item, look))));
  }
  if (element.type === "rich_text_preformatted") return el("pre", {}, el("code", {}, inner.map((one) => one.text ?? one.url ?? "")));
  const tag = element.type === "rich_text_quote" ? "blockquote" : "span";
  return el(tag, {}, inner.map((one) => leaf(one, look)));
}

function leaf(one, look) {
  switch (one.type) {
    case "text": return styled(broken(one.text ?? ""), one.style ?? {});
    case "link": return webLink(escapeText(one.url ?? ""), one.text ? escapeText(one.text) : undefined, look);
    case "user": return userLink(one.user_id, look);
    case "channel": return channelLink(one.channel_id, undefined, look);
    case "emoji": return glyph(one.name ?? "");
    case "broadcast": return el("span", { class: "mention" }, `@${one.range}`);
    default: return document.createTextNode(one.text ?? "");
  }
}

function broken(text) {
  return text.split("\n").flatMap((line, index) => (index ? [el("br"), line] : [line]));
}

function styled(nodes, style) {
  const tags = { bold: "strong", italic: "em", strike: "s", code: "code" };
  return Object.entries(tags).reduce((inner, [name, tag]) => (style[name] ? [el(tag, {}, inner)] : inner), nodes);
}

/** Standard Markdown, as far as language models write it: its marks become Slack's, and the rest is left as it is. */
export function markdown(text, look) {
  const slack = escapeText(text)
    .replace(/\[([^\]\n]+)\]\((https?:[^)\s]+)\)/g, "<$2|$1>")
    .replace(/^#{1,6} +(.+)$/gm, "**$1**")
    .replace(/^(\s*)[-*] +/gm, "$1• ")
    .replace(/\*\*([^*\n]+)\*\*/g, "*$1*");
  return mrkdwn(slack, look);
}
