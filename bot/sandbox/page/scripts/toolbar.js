// The small bar on the message under the pointer or the focus: react, reply, edit, delete. One bar per list, moved about. With keys: R, E, Delete.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { MEANS, QUICK, emoji } from "./emoji.js";

export function attachToolbar(rows, acts) {
  let bar = null;

  function offer(event) {
    const row = event.target.closest?.(".message");
    if (!row || row.dataset.editing || (bar && bar.parentElement === row)) return;
    bar?.remove();
    bar = toolbar(row, acts);
    if (bar) row.append(bar);
  }

  rows.addEventListener("pointerover", offer);
  rows.addEventListener("focusin", offer);
  rows.addEventListener("pointerleave", () => {
    if (bar && !bar.parentElement?.contains(document.activeElement)) bar = bar.remove() ?? null;
  });
  rows.addEventListener("keydown", (event) => shortcut(event, acts));
  acts.replaced = (old, row) => {
    if (!old.contains(bar)) return;
    bar = toolbar(row, acts);
    if (bar) row.append(bar);
  };
}

function toolbar(row, acts) {
  const can = acts.can(row.dataset.ts);
  if (!can) return null;
  return el("div", { class: "toolbar", role: "toolbar", "aria-label": "Message actions" },
    can.react ? QUICK.map((name) => tool(emoji(name), MEANS[name], () => acts.reactTo(row.dataset.ts, name), `quick-${name}`)) : null,
    can.reply ? tool(icon("reply"), "Reply in thread (R)", () => acts.reply(row.dataset.ts)) : null,
    can.edit ? tool(icon("edit"), "Edit (E)", () => acts.edit(row)) : null,
    can.remove ? tool(icon("remove"), "Delete (Delete)", () => acts.remove(row.dataset.ts)) : null);
}

function tool(sign, label, act, focus = label) {
  return el("button", { type: "button", class: "tool", title: label, "aria-label": label, data: { focus }, onclick: act }, sign);
}

function shortcut(event, acts) {
  const row = event.target;
  if (!row.classList.contains("message") || event.altKey || event.ctrlKey || event.metaKey) return;
  const can = acts.can(row.dataset.ts);
  const wanted = { r: can?.reply && acts.reply, e: can?.edit && (() => acts.edit(row)), Delete: can?.remove && acts.remove, Enter: can?.reply && acts.reply }[event.key];
  if (!wanted) return;
  event.preventDefault();
  wanted(row.dataset.ts);
}
