// What a person can do with the messages of one list.

import { api } from "./api.js";
import { startEditing } from "./editing.js";
import { confirmed } from "./dialog.js";
import { attempted } from "./notices.js";
import { pathOfThread } from "./session.js";

/** `list()`: the messages shown now; `inThread`: whether they are a thread's. */
export function createActs({ store, router, list, inThread, inspect }) {
  const find = (ts) => list().find((message) => message.ts === ts);
  const channel = () => store.get().route.channel;
  const me = () => store.get().me;

  async function react(message, name, on) {
    await attempted(() => api[on ? "react" : "unreact"](me(), channel(), message.ts, name));
  }

  return {
    replaced: () => {},
    react,
    inspect: (message) => inspect({ channel: channel(), ts: message.ts }),

    can(ts) {
      const message = find(ts);
      if (!message || message.subtype === "tombstone") return null;
      const real = !message.is_ephemeral;
      const mine = real && message.user === me();
      return { react: real, reply: real && !inThread, edit: mine, remove: mine };
    },

    click: (message, button) => attempted(() => api.click(me(), channel(), message.ts, button)),

    reactTo(ts, name) {
      const message = find(ts);
      const mine = message?.reactions?.find((one) => one.name === name)?.users?.includes(me());
      return message && react(message, name, !mine);
    },

    reply(ts) {
      router.go(pathOfThread(store.get(), ts), { quiet: true }).then(() => document.querySelector("#thread textarea")?.focus());
    },

    edit(row) {
      const message = find(row.dataset.ts);
      startEditing(row, message, store.get(), (text) => attempted(() => api.edit(me(), channel(), message.ts, text)));
    },

    async remove(ts) {
      if (!(await confirmed("Delete this message?", "What Tacit learned from this message, and from no other, goes with it.", "Delete"))) return;
      await attempted(() => api.remove(channel(), ts));
    },
  };
}
