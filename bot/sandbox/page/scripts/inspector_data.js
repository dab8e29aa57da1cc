// What the inspector knows: asked again shortly after anything happened, and every few seconds while the page is looked at.

import { api } from "./api.js";
import { coalesce } from "./store.js";

const LOOK_EVERY_MS = 2500;
const AFTER_EVENT_MS = 150;

export function watchInspector(store, session) {
  const refresh = coalesce(() => load(store));
  let soon = null;

  session.onEvent((event) => {
    if (event.type === "message" && isReply(store.get(), event)) store.set({ inspected: { channel: event.channel, ts: event.message.ts } });
    clearTimeout(soon);
    soon = setTimeout(refresh, AFTER_EVENT_MS);
  });
  let followed = "";
  store.subscribe((state) => {
    const shown = `${state.route.channel}/${state.route.thread}`;
    if (shown === followed || !(state.route.thread ? state.thread?.messages : state.place?.messages)) return;
    followed = shown;
    const newest = newestReply(state);
    if (!newest || newest.ts === state.inspected?.ts) return;
    store.set({ inspected: newest, reply: null });
    refresh();
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

function isReply({ bot, view }, { channel, message }) {
  return message.user === bot?.user && Boolean(view?.channels.some((one) => one.id === channel));
}

/** The newest reply of what is shown: of the open thread, else of the place; null when there is none. */
function newestReply({ bot, route, place, thread }) {
  const answered = (place?.messages ?? []).filter((message) => message.reply_users?.includes(bot?.user)).map((message) => message.latest_reply);
  const posted = (thread?.messages ?? []).filter((message) => message.user === bot?.user).map((message) => message.ts);
  const ts = (thread ? posted : answered).sort().at(-1);
  return ts ? { channel: route.channel, ts } : null;
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
