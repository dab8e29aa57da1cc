// Short words at the foot of the page: what went wrong, for a while; and to screen readers, what was just said.

import { el } from "./dom.js";
import { icon } from "./icons.js";

const SHOWN_MS = 7000;

export function notify(text) {
  const root = document.getElementById("notices");
  const notice = el("p", { class: "notice" }, text, el("button", { type: "button", class: "plain", "aria-label": "Dismiss", onclick: () => notice.remove() }, icon("close")));
  root.append(notice);
  setTimeout(() => notice.remove(), SHOWN_MS);
}

/** Do something that may be refused; a refusal is said in a notice. Gives what `work` gave, or null. */
export async function attempted(work) {
  try {
    return await work();
  } catch (error) {
    notify(error.message);
    return null;
  }
}

export function announce(text) {
  document.getElementById("announcer").replaceChildren(el("p", {}, text));
}
