// The field one writes in: Enter sends, Shift+Enter breaks the line, `@` and `/` offer what fits, and each place keeps its own draft.

import { attachCompletion } from "./completion.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

const TALLEST_PX = 220;

/** `send(text)` resolves to true when it was taken. `offers(word)` gives completions (see `completion.js`); `hint` stands below. */
export function createComposer({ id, send, offers, hint }) {
  const drafts = new Map();
  let place = "";
  const field = el("textarea", { id, rows: 1, autocomplete: "off", spellcheck: "true", "aria-label": "Message" });
  const button = el("button", { type: "submit", class: "button primary send", "aria-label": "Send", title: "Send (Enter)" }, icon("send"));
  const form = el("form", { class: "composer", onsubmit: submit }, el("div", { class: "field" }, field, button), el("p", { class: "hint quiet" }, hint));
  const completion = attachCompletion(form, field, offers);

  field.addEventListener("input", () => update(field.value));
  field.addEventListener("focus", () => grow(field)); // A draft may have come back while the field was not shown.
  field.addEventListener("keydown", (event) => {
    if (completion.takes(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  });

  function update(text) {
    drafts.set(place, text);
    if (field.value !== text) field.value = text;
    button.disabled = !text.trim();
    grow(field);
  }

  async function submit(event) {
    event.preventDefault();
    const text = field.value.trim();
    const from = place;
    if (!text) return;
    completion.close();
    update("");
    if (await send(text)) return;
    if (place === from && !field.value) update(text);
    else drafts.set(from, text);
  }

  return {
    form,
    focus: () => field.focus(),
    write(text) {
      update(text);
      field.focus();
      field.setSelectionRange(text.length, text.length);
    },
    /** Where the field writes to now; its draft comes back. */
    at(key, label) {
      field.placeholder = label;
      field.setAttribute("aria-label", label);
      if (key === place) return;
      place = key;
      completion.close();
      update(drafts.get(key) ?? "");
    },
  };
}

export function grow(field) {
  field.style.height = "";
  if (field.offsetParent === null || field.scrollHeight <= field.clientHeight) return;
  field.style.height = `${Math.min(field.scrollHeight + 2, TALLEST_PX)}px`;
}
