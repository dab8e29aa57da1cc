// A question that must be answered before something is gone.

import { el } from "./dom.js";

/** True when the person says yes. Esc and a click beside it mean no. */
export function confirmed(title, text, yes) {
  return new Promise((resolve) => {
    const form = el("form", { method: "dialog" },
      el("h2", {}, title), el("p", {}, text),
      el("p", { class: "choices" },
        el("button", { class: "button", value: "" }, "Cancel"),
        el("button", { class: "button danger", value: "yes" }, yes)));
    const dialog = el("dialog", { class: "dialog", "aria-label": title }, form);
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(""); });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
    form.querySelector(".danger").focus();
  });
}
