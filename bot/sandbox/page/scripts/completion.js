// Completion of `@names` and `/commands`: a listbox over the field, moved through with the arrow keys, taken with Tab or Enter, closed by Esc.

import { el } from "./dom.js";

const WORD = /(?:^|\s)([@/][\p{L}\p{N}_. -]*)$/u;

/** `offers(word, atStart)` gives [{insert, label, hint}] for the word before the cursor. */
export function attachCompletion(form, field, offers) {
  const list = el("ul", { class: "completion", role: "listbox", id: `${field.id}-offers`, "aria-label": "Suggestions", hidden: true });
  let shown = [];
  let at = 0;
  form.append(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");
  field.addEventListener("input", suggest);
  field.addEventListener("blur", close);

  function word() {
    const before = field.value.slice(0, field.selectionStart);
    const found = WORD.exec(before);
    return found && { text: found[1], start: before.length - found[1].length };
  }

  function suggest() {
    const current = word();
    shown = current ? offers(current.text, current.start === 0) : [];
    at = 0;
    draw();
  }

  function draw() {
    list.hidden = !shown.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    list.replaceChildren(...shown.map(option));
    if (list.hidden) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", list.children[at].id);
  }

  function option(offer, index) {
    return el("li", {
      role: "option", id: `${list.id}-${index}`, "aria-selected": String(index === at),
      onmousedown: (event) => { event.preventDefault(); at = index; take(); },
    }, el("strong", {}, offer.label), offer.hint ? el("span", { class: "quiet" }, offer.hint) : null);
  }

  function take() {
    const current = word();
    const rest = field.value.slice(field.selectionStart);
    const before = field.value.slice(0, current?.start ?? 0) + shown[at].insert;
    field.value = before + rest;
    field.setSelectionRange(before.length, before.length);
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function close() {
    shown = [];
    draw();
  }

  function move(step) {
    at = (at + step + shown.length) % shown.length;
    draw();
  }

  return {
    close,
    /** True when the key was for the list, not for the field. */
    takes(event) {
      if (list.hidden) return false;
      const exact = shown[at].insert.trim() === word()?.text.trim();
      const act = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Tab: take, Enter: exact ? null : take, Escape: close }[event.key];
      if (!act || event.shiftKey || event.isComposing) return false;
      event.preventDefault();
      event.stopPropagation();
      act();
      return true;
    },
  };
}
