// The page, wired: one store, one session, one router, and the views that look at the store.

import { api } from "./api.js";
import { el, fill } from "./dom.js";
import { watchInspector } from "./inspector_data.js";
import { createInspector } from "./inspector.js";
import { announce, attempted } from "./notices.js";
import { threadPath } from "./links.js";
import { nameOf, placeName } from "./people.js";
import { createPlace } from "./place.js";
import { createRouter } from "./router.js";
import { createSession, homePath, initial } from "./session.js";
import { createSidebar } from "./sidebar.js";
import { createStore, remembered } from "./store.js";
import { createThread } from "./thread.js";
import { typedText } from "./typed_text.js";

const WIDE = window.matchMedia("(min-width: 760px)");
const START_AGAIN_MS = 1500;

const byId = (id) => document.getElementById(id);

const store = createStore({ ...initial, about: null, tried: remembered("tacit.tried", []), tab: "reply", inspected: null, reply: null, learned: null, states: null, tick: 0, inspecting: false, awaited: null });
const session = createSession(store);
const router = createRouter((where, how) => {
  store.set({ inspecting: false });
  return session.follow(where, how).then(home);
});
const inspector = watchInspector(store, session);
const context = {
  store, session, router,
  place: () => place,
  showInspector,
  inspect(reply) {
    store.set({ tab: "reply" });
    showInspector(true);
    return inspector.inspect(reply);
  },
  /** Speak as somebody else; true when the place stays the same. */
  async become(id) {
    const path = await attempted(() => session.become(id));
    if (path) await router.go(path);
    return !path;
  },
};
const place = createPlace(context, byId("place"));
const thread = createThread(context, byId("thread"));
for (const view of [createSidebar(context, byId("sidebar")), place.show, thread.show, createInspector(context, byId("inspector")), banner, pane, title, openAnswered]) store.subscribe(view);

session.onEvent((event) => {
  const { me, route } = store.get();
  const mine = event.type === "message" || (event.type === "ephemeral" && event.ephemeral_to === me);
  if (!mine || event.message.user === me || event.channel !== route.channel) return;
  announce(`${nameOf(store.get(), event.message.user)}: ${typedText(event.message.text ?? "", store.get())}`);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (store.get().inspecting) showInspector(false);
  else thread.close();
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) session.refresh(); });
WIDE.addEventListener("change", () => home());
setInterval(() => store.set({ tick: store.get().tick + 1 }), 1000);
start();

async function start() {
  try {
    store.set({ about: await api.about() });
    await session.start(); // Last: once it listens, it finds the server again by itself.
    store.set({ failure: null });
  } catch (error) {
    store.set({ failure: error.message });
    setTimeout(start, START_AGAIN_MS);
    return;
  }
  await home();
  inspector.refresh();
}

/** The start page is the list of places; where there is room for more, the first place is open beside it. */
function home() {
  const { route, view } = store.get();
  return !route.channel && view && WIDE.matches ? router.go(homePath(store.get()), { replace: true }) : undefined;
}

/** The thread that the bot was asked in opens beside the place as soon as it answers there, if nothing else is open. */
function openAnswered({ awaited, bot, place, route }) {
  const root = awaited && place?.channel === awaited.channel && place.messages.find((message) => message.ts === awaited.ts);
  if (!root?.reply_users?.includes(bot?.user)) return;
  store.set({ awaited: null });
  if (WIDE.matches && route.channel === awaited.channel && !route.thread) router.go(threadPath(awaited.channel, awaited.ts), { quiet: true });
}

function showInspector(shown) {
  store.set({ inspecting: shown });
  queueMicrotask(() => (shown ? byId("inspector").querySelector('[aria-selected="true"]') : document.querySelector(".to-inspector"))?.focus());
}

/** On a narrow screen one pane is shown; style sheets read which. */
function pane(state) {
  const { route, inspecting } = state;
  document.body.dataset.pane = inspecting ? "inspector" : route.thread ? "thread" : route.channel ? "place" : "nav";
  document.body.classList.toggle("inspecting", inspecting);
}

function banner({ about, failure, online }) {
  const text = failure ?? (online ? offline(about) : "The sandbox does not answer. Trying again…");
  const node = byId("banner");
  node.hidden = !text;
  node.classList.toggle("trouble", Boolean(failure) || !online);
  fill(node, text || "-", () => el("span", {}, text));
}

function offline(about) {
  return about?.model === "offline" ? "Answers come from an offline stand-in that works by plain rules; it is no language model. Set OPENAI_API_KEY and start again for a real one." : "";
}

function title(state) {
  if (state.team) document.title = `${state.route.channel ? `${placeName(state, state.route.channel)} · ` : ""}${state.team.name} · Tacit sandbox`;
}
