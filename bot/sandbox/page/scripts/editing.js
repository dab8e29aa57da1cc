// Editing a message where it stands: Enter saves, Esc leaves it as it was.

import { grow } from "./composer.js";
import { el, outdate } from "./dom.js";
import { typedText } from "./typed_text.js";

export function startEditing(row, message, state, save) {
  if (row.dataset.editing) return;
  const body = row.querySelector(".body");
  const before = typedText(message.text ?? "", state);
  const field = el("textarea", { "aria-label": "Edit message", rows: 1 });
  const hint = el("p", { class: "quiet hint" }, "Enter saves · Esc cancels");
  field.value = before;
  row.dataset.editing = "true";
  row.querySelector(".toolbar")?.remove();
  body.replaceChildren(field, hint);
  grow(field);
  field.focus();

  async function finish(text) {
    delete row.dataset.editing;
    outdate(row);
    row.focus({ preventScroll: true });
    if (text !== null && text.trim() && text !== before) await save(text);
    row.dispatchEvent(new CustomEvent("redraw", { bubbles: true }));
  }

  field.addEventListener("input", () => grow(field));
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") finish(null);
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      finish(field.value);
    }
  });
}
