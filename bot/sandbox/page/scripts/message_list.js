// A list of messages: days, groups, the mark of what is new, keyboard movement, and a view that stays at the end while one reads there.

import { reconcile } from "./dom.js";
import { dayRow, messageRow, newRow } from "./row.js";
import { attachToolbar } from "./toolbar.js";
import { dayKey, dayName } from "./time.js";

const GROUP_SECONDS = 300;
const END_PX = 48;
const HANDLED_MS = 1000; // A touch or the wheel scrolls on for a while.
const SCROLLBAR_MS = 10_000; // Dragging a scrollbar tells nothing until it ends.

export function createMessageList(scroller, rows, acts) {
  let atEnd = true;
  let handled = -Infinity;
  let shown = "";
  const toEnd = () => { scroller.scrollTop = scroller.scrollHeight; };

  /** Only a person leaves the end: rows that come, or that turn out taller once they are drawn, do not. */
  function scrolled() {
    const near = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < END_PX;
    if (near || performance.now() - handled < HANDLED_MS) atEnd = near;
  }

  for (const hand of ["wheel", "touchmove", "pointerdown", "keydown"]) {
    scroller.addEventListener(hand, (event) => { handled = performance.now() + (event.target === scroller ? SCROLLBAR_MS : 0); }, { passive: true });
  }
  scroller.addEventListener("scroll", scrolled, { passive: true });
  new ResizeObserver(() => { if (atEnd) toEnd(); }).observe(rows);
  new ResizeObserver(() => { if (atEnd) toEnd(); }).observe(scroller);
  rows.addEventListener("keydown", (event) => moveFocus(rows, event));
  rows.addEventListener("focusin", (event) => rove(rows, event.target.closest?.(".message")));
  attachToolbar(rows, acts);

  /** `where`: what is shown; another one starts at its end, or at the highlighted message. */
  function show(state, messages, { where, inThread, newSince, highlight }) {
    const items = itemsOf(state, messages, { inThread, newSince, highlight }, acts);
    reconcile(rows, items, acts.replaced);
    rove(rows, rows.querySelector('.message[tabindex="0"]') ?? rows.querySelector(".message:last-of-type"));
    if (where === shown || !messages.length) return;
    shown = where;
    atEnd = !highlight;
    const target = highlight && rows.querySelector(`.message[data-ts="${CSS.escape(highlight)}"]`);
    if (target) reveal(target);
    else toEnd();
  }

  return { show, focusMessage: (ts) => rows.querySelector(`.message[data-ts="${CSS.escape(ts)}"]`)?.focus() };
}

function reveal(target) {
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
}

function itemsOf(state, messages, { inThread, newSince, highlight }, acts) {
  const items = [];
  let previous = null;
  let divided = !newSince;
  for (const message of messages) {
    if (!previous || dayKey(previous.ts) !== dayKey(message.ts)) items.push(day(message.ts));
    const isNew = !divided && message.ts > newSince && message.user !== state.me;
    if (isNew) items.push({ key: "new", signature: "new", build: newRow });
    divided = divided || isNew;
    items.push(item(state, message, { compact: !isNew && follows(previous, message), inThread, highlight }, acts));
    previous = message;
  }
  return items;
}

function item(state, message, { compact, inThread, highlight }, acts) {
  const channel = message.channel ?? state.route.channel;
  const at = {
    compact, inThread,
    highlighted: message.ts === highlight,
    inspected: state.inspected?.ts === message.ts,
    status: inThread ? "" : state.statuses[`${channel}:${message.ts}`] ?? "",
  };
  return {
    key: `${message.ts}${message.is_ephemeral ? "e" : ""}`,
    signature: JSON.stringify([state.me, state.users.size, state.view?.channels.length, at, message]),
    build: () => messageRow(state, message, at, acts),
  };
}

function day(ts) {
  const name = dayName(ts);
  return { key: `day-${dayKey(ts)}`, signature: name, build: () => dayRow(name) };
}

function follows(previous, message) {
  return Boolean(previous) && previous.user === message.user && !previous.is_ephemeral && !message.is_ephemeral && !previous.reply_count &&
    dayKey(previous.ts) === dayKey(message.ts) && message.ts - previous.ts < GROUP_SECONDS;
}

/** Exactly one message can be reached with Tab; the arrow keys go on from there. */
function rove(rows, target) {
  if (!target) return;
  for (const row of rows.querySelectorAll('.message[tabindex="0"]')) if (row !== target) row.tabIndex = -1;
  target.tabIndex = 0;
}

function moveFocus(rows, event) {
  if (!event.target.classList.contains("message") || event.altKey || event.ctrlKey || event.metaKey) return;
  const all = [...rows.querySelectorAll(".message")];
  const at = all.indexOf(event.target);
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all[Math.min(Math.max(to, 0), all.length - 1)].focus();
}
