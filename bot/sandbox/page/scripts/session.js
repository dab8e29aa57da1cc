// Who looks at what: loads it, keeps it current from the feed, and changes it. All that is visible is asked of the server, as that person.

import { api } from "./api.js";
import { listen } from "./feed.js";
import { parsePath, placePath, threadPath } from "./links.js";
import { speakers } from "./people.js";
import { lastRead, markRead } from "./read_marks.js";
import { coalesce, remember, remembered } from "./store.js";

export const initial = {
  team: null, bot: null, users: new Map(), places: new Map(), connections: 0, online: true, me: null, view: null,
  route: { channel: null, ts: null, thread: null }, newSince: "", place: null, thread: null, statuses: {}, failure: null,
};

export function createSession(store) {
  const refreshWorkspace = coalesce(() => loadWorkspace(store).catch(() => store.set({ online: false })));
  const refreshView = coalesce(() => loadView(store).catch(() => store.set({ online: false })));
  const refreshPlace = coalesce(() => loadPlace(store));
  const refreshThread = coalesce(() => loadThread(store));
  const refresh = () => Promise.all([refreshView(), refreshPlace(), refreshThread()]);
  const hooks = [];

  function hear(event) {
    for (const hook of hooks) hook(event);
    if (event.type === "status") return setStatus(store, event);
    if (event.type === "connection") return store.set({ connections: event.connections });
    if (["user", "membership", "channel"].includes(event.type)) refreshWorkspace();
    if (event.type === "membership" || event.type === "channel") return refresh();
    if (["message", "ephemeral", "deleted"].includes(event.type)) refreshView();
    if (concerns(store.get(), event)) refreshPlace().then(refreshThread);
  }

  return {
    onEvent: (hook) => hooks.push(hook),

    async start() {
      const next = await loadWorkspace(store);
      await loadView(store);
      await this.follow(location);
      listen(next, hear, (up) => {
        const again = up && !store.get().online;
        store.set({ online: up });
        if (again) refreshWorkspace().then(refresh);
      });
    },

    /** Show what an address means; `quiet`: highlight nothing. */
    async follow({ pathname, search }, { quiet = false } = {}) {
      const { me, view, route } = store.get();
      const next = { ...parsePath(pathname, search), quiet };
      if (next.channel === "DM" && view?.dm) next.channel = view.dm;
      const other = next.channel !== route.channel;
      store.set({ route: next, thread: next.thread ? { ts: next.thread, messages: null } : null });
      if (other) store.set({ place: null, newSince: lastRead(me, next.channel) });
      await Promise.all([refreshPlace(), refreshThread()]);
    },

    /** Speak as somebody else: the same place when they may see it, else their own. Gives the path to go to, or null to stay. */
    async become(id) {
      const { view: old, route } = store.get();
      const wasDm = route.channel === "DM" || (route.channel !== null && route.channel === old?.dm);
      remember("tacit.me", id, { tab: true });
      store.set({ me: id, view: null, place: null, newSince: lastRead(id, route.channel) });
      await loadView(store);
      const { view } = store.get();
      if (wasDm) return placePath(view?.dm ?? "DM");
      if (route.channel && !view?.channels.some((one) => one.id === route.channel)) return homePath(store.get());
      await Promise.all([refreshPlace(), refreshThread()]);
      return null;
    },

    refresh,
  };
}

/** Where somebody starts: their first channel, or their DM with the bot. */
export function homePath({ view }) {
  const first = view?.channels.find((channel) => channel.member && channel.kind !== "dm");
  return placePath(first?.id ?? view?.dm ?? "DM");
}

/** The path of the thread that `ts` opens in the current place. */
export function pathOfThread({ route }, thread) {
  return thread ? threadPath(route.channel, thread) : placePath(route.channel);
}

function concerns({ route }, event) {
  const channel = typeof event.channel === "string" ? event.channel : event.channel?.id;
  return channel === undefined || channel === route.channel;
}

async function loadWorkspace(store) {
  const { team, bot, users, channels, connections, next } = await api.state();
  const byId = (list) => new Map(list.map((one) => [one.id, one]));
  store.set({ team, bot, connections, users: byId(users), places: byId(channels) });
  const wanted = store.get().me ?? remembered("tacit.me", null);
  const people = speakers(store.get());
  store.set({ me: (people.find((one) => one.id === wanted) ?? people[0])?.id ?? null });
  return next;
}

async function loadView(store) {
  const { me, route } = store.get();
  if (!me) return;
  const view = await api.view(me);
  if (store.get().me !== me) return;
  store.set({ view });
  if (route.channel === "DM" && view.dm) store.set({ route: { ...route, channel: view.dm } });
}

async function loadPlace(store) {
  const { me, route: { channel } } = store.get();
  if (!channel || !me) return;
  const found = channel === "DM" ? { messages: [] } : await attempt(() => api.messages(me, channel));
  const now = store.get();
  if (now.me !== me || now.route.channel !== channel) return;
  const news = now.place || found.messages?.some((message) => message.ts > now.newSince && message.user !== me);
  store.set({ place: { channel, ...found }, newSince: news ? now.newSince : "" }); // What comes while one looks on is not marked as new.
  if (!document.hidden) markRead(me, channel, newest(found.messages ?? [], now.view, channel));
}

async function loadThread(store) {
  const { me, route: { channel, thread } } = store.get();
  if (!thread || !me) return;
  const found = await attempt(() => api.messages(me, channel, thread));
  const { route, me: later, statuses } = store.get();
  if (later !== me || route.channel !== channel || route.thread !== thread) return;
  store.set({ thread: { ts: thread, ...found }, statuses: { ...statuses, [`${channel}:${thread}`]: statusText(found.status) } });
}

function newest(messages, view, channel) {
  const latest = view?.channels.find((one) => one.id === channel)?.latest ?? "";
  return messages.reduce((best, message) => (message.ts > best ? message.ts : best), latest);
}

/** Answers are kept, refusals become what the page says instead; a lost server leaves what is shown. */
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    return { messages: [], error: error.message, status_code: error.status };
  }
}

function setStatus(store, { channel, thread_ts: thread, status }) {
  store.set({ statuses: { ...store.get().statuses, [`${channel}:${thread}`]: statusText(status) } });
}

function statusText(status) {
  return typeof status === "string" ? status : status?.status ?? "";
}
