// A pane with messages and a field to write in: the place in the middle and the thread beside it are both made of it.

import { createActs } from "./acts.js";
import { createComposer } from "./composer.js";
import { el } from "./dom.js";
import { createMessageList } from "./message_list.js";
import { offersFor } from "./offers.js";
import { send } from "./sending.js";

/** `list()`: the messages to show; `thread()`: the ts of the thread, null in the place itself. */
export function createPane(context, root, { id, list, thread, inThread }) {
  const { store } = context;
  const header = el("header", { class: "pane-header" });
  const above = el("div", { class: "above" });
  const rows = el("div", { class: "rows", role: "list", "aria-label": inThread ? "Thread" : "Messages" });
  const below = el("div", { class: "below" });
  const scroller = el("div", { class: "scroller" }, above, rows);
  const composer = createComposer({
    id,
    hint: inThread ? "Enter sends · Esc closes the thread" : "Enter sends · Shift+Enter starts a new line · / for commands",
    send: (text) => send(context, text, thread()),
    offers: (word, atStart) => offersFor(store.get(), word, atStart, inThread),
  });
  const messages = createMessageList(scroller, rows, createActs({ ...context, list, inThread }));
  rows.addEventListener("redraw", () => store.set({}));
  root.append(header, scroller, below, composer.form);
  return { header, above, below, rows, composer, messages };
}
