// Block Kit, as far as bots use it in messages. `click(button)` is called with {action_id, block_id, option?} or {label}.

import { el } from "./dom.js";
import { mrkdwn, unescapeText, webLink } from "./mrkdwn.js";
import { markdown, richText } from "./rich_text.js";

export function renderBlocks(blocks, look, click) {
  return blocks.map((block) => renderBlock(block, look, click));
}

function renderBlock(block, look, click) {
  const draw = DRAWN[block.type];
  return draw ? draw(block, look, click) : el("p", { class: "block unknown" }, `(A block of the type “${block.type}” is not shown here.)`);
}

const DRAWN = {
  section: (block, look, click) =>
    el("div", { class: "block section" },
      el("div", { class: "section-text" }, block.text ? text(block.text, look) : null, fields(block.fields, look)),
      block.accessory ? element(block.accessory, block, look, click) : null),
  context: (block, look) => el("div", { class: "block context" }, (block.elements ?? []).map((one) => el("span", {}, contextPart(one, look)))),
  actions: (block, look, click) =>
    el("div", { class: "block actions" }, (block.elements ?? []).map((one) => element(one, block, look, click))),
  context_actions: (block, look, click) =>
    el("div", { class: "block actions" }, (block.elements ?? []).flatMap((one) => feedback(one, block, click))),
  input: (block) => field(block),
  divider: () => el("hr", { class: "block" }),
  header: (block, look) => el("h3", { class: "block header" }, text(block.text ?? {}, look)),
  rich_text: (block, look) => el("div", { class: "block" }, richText(block, look)),
  markdown: (block, look) => el("div", { class: "block" }, markdown(block.text ?? "", look)),
  image: (block, look) => el("p", { class: "block" }, webLink(block.image_url ?? "", block.alt_text ?? "image", look)),
};

function text(object, look) {
  return object.type === "mrkdwn" ? mrkdwn(object.text ?? "", look) : [unescapeText(object.text ?? "")];
}

function fields(list, look) {
  return list?.length ? el("div", { class: "fields" }, list.map((one) => el("div", {}, text(one, look)))) : null;
}

function contextPart(one, look) {
  return one.type === "image" ? [one.alt_text ?? ""] : text(one, look);
}

function element(one, block, look, click) {
  if (one.type === "button") return button(one, block, click);
  const options = one.options ?? one.option_groups?.flatMap((group) => group.options) ?? [];
  if (!options.length) return el("span", { class: "context" }, `(“${one.type}” is not shown here.)`);
  return choice(one, options, block, click);
}

function button(one, block, click) {
  const label = unescapeText(one.text?.text ?? "");
  const style = ["primary", "danger"].includes(one.style) ? ` ${one.style}` : "";
  return el("button", {
    type: "button", class: `button${style}`, "aria-label": one.accessibility_label, data: { focus: `action-${block.block_id}-${one.action_id}` },
    onclick: (event) => press(event.currentTarget, one, (typed) => click({ ...named(one, block, { label }), ...typed })),
  }, label);
}

async function press(node, one, clicked) {
  const question = one.confirm && [one.confirm.title?.text, one.confirm.text?.text].filter(Boolean).join("\n");
  if (question && !window.confirm(question)) return;
  node.setAttribute("aria-busy", "true");
  await clicked(entered(node.closest(".message")));
  node.removeAttribute("aria-busy");
}

// A text field; what is typed goes along with the next press of a button of the same message.
function field(block) {
  const one = block.element ?? {};
  const first = one.initial_value ?? "";
  const props = { maxlength: String(one.max_length ?? 3000), placeholder: one.placeholder?.text, data: { action: one.action_id, focus: `field-${block.block_id}` } };
  const entry = one.multiline ? el("textarea", { rows: "3", ...props }, first) : el("input", { type: "text", value: first, ...props });
  return el("label", { class: "block entry" }, el("span", {}, unescapeText(block.label?.text ?? "")), entry);
}

function entered(message) {
  const entries = [...(message?.querySelectorAll(".entry [data-action]") ?? [])];
  return entries.length ? { typed: Object.fromEntries(entries.map((one) => [one.dataset.action, one.value])) } : {};
}

function named(one, block, fallback) {
  return one.action_id ? { action_id: one.action_id, ...(block.block_id ? { block_id: block.block_id } : {}) } : fallback;
}

function choice(one, options, block, click) {
  const label = one.placeholder?.text ?? "Choose…";
  return el("select", {
    class: "button", "aria-label": label, data: { focus: `action-${block.block_id}-${one.action_id}` },
    onchange: (event) => click({ ...named(one, block, {}), option: event.currentTarget.value }),
  }, el("option", { value: "" }, label), options.map((option) => el("option", { value: option.value }, unescapeText(option.text?.text ?? ""))));
}

function feedback(one, block, click) {
  const choices = [one.positive_button, one.negative_button].filter(Boolean);
  return choices.map((option) => el("button", {
    type: "button", class: "button", onclick: () => click({ ...named(one, block, {}), option: option.value }),
  }, unescapeText(option.text?.text ?? "")));
}
