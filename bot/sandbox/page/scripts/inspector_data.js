// What the inspector knows: asked again shortly after anything happened, and every few seconds while the page is looked at.

import { api } from "./api.js";
import { coalesce } from "./store.js";

const LOOK_EVERY_MS = 2500;
const AFTER_EVENT_MS = 150;

export function watchInspector(store, session) {
  const refresh = coalesce(() => load(store));
  let soon = null;

  session.onEvent((event) => {
    if (event.type === "message" && isReply(store.get(), event.message)) store.set({ inspected: latest(event) });
    clearTimeout(soon);
    soon = setTimeout(refresh, AFTER_EVENT_MS);
  });
  setInterval(() => { if (!document.hidden) refresh(); }, LOOK_EVERY_MS);

  return {
    refresh,
    inspect(reply) {
      store.set({ inspected: reply, reply: null });
      return refresh();
    },
  };
}

function isReply({ bot, route, view }, message) {
  const visible = message?.channel === route.channel || view?.channels.some((one) => one.id === message?.channel);
  return visible && message?.user === bot?.user && !message.is_ephemeral;
}

function latest({ channel, message }) {
  return { channel: message.channel ?? channel, ts: message.ts };
}

async function load(store) {
  const { inspected } = store.get();
  const [learned, states, reply] = await Promise.all([
    quiet(api.inspectLearned()),
    quiet(api.inspectStates()),
    inspected ? quiet(api.inspectReply(inspected.channel, inspected.ts)) : null,
  ]);
  if (store.get().inspected !== inspected) return;
  store.set({ learned, states, reply, clockSkew: (states.now ?? Date.now() / 1000) - Date.now() / 1000 });
}

function quiet(answer) {
  return answer.catch((error) => ({ error: error.message }));
}
