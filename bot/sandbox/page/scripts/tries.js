// The first things to try, for a newcomer: each makes one the right person in the right place, with the words already written.

import { api } from "./api.js";
import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { icon } from "./icons.js";
import { parsePath, placePath } from "./links.js";
import { attempted, notify } from "./notices.js";
import { speakers } from "./people.js";
import { remember } from "./store.js";

/** `hide`: what its small cross does; without it there is none. */
export function tryCard(context, state, hide) {
  const tries = usable(state);
  if (!tries.length) return null;
  return el("section", { class: "tries", "aria-label": "Try this" },
    el("h2", {}, "Try this", hide ? el("button", { type: "button", class: "plain", "aria-label": "Hide these suggestions", title: "Hide", onclick: hide }, icon("close")) : null),
    el("ol", {}, tries.map((one, index) => el("li", { class: state.tried.includes(index) ? "done" : null }, step(context, one, index)))));
}

export function allTried(state) {
  return state.tried.length >= usable(state).length;
}

function usable(state) {
  const names = new Set(speakers(state).map((user) => user.name));
  const tries = state.about?.try ?? [];
  return tries.every((one) => names.has(one.speaker)) ? tries : [];
}

function step(context, one, index) {
  const what = one.emoji ? `React with ${emoji(one.emoji)}` : one.text;
  return el("button", { type: "button", class: "try", data: { focus: `try-${index}` }, onclick: () => take(context, one, index) },
    el("span", { class: "try-title" }, one.title),
    el("span", { class: "try-text" }, what),
    el("span", { class: "quiet" }, `${capital(one.speaker)} · ${one.place === "dm" ? "direct message" : one.place}`));
}

function capital(name) {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

async function take(context, one, index) {
  const { store, router } = context;
  const speaker = speakers(store.get()).find((user) => user.name === one.speaker);
  const stay = await context.become(speaker.id);
  const path = pathOf(store.get(), one.place);
  if (!path) return notify(`There is no ${one.place} to see for ${capital(one.speaker)}.`);
  const there = parsePath(path).channel === store.get().route.channel;
  if (!(one.emoji && stay && there)) await router.go(path);
  if (one.emoji) await reactToLast(store, one.emoji);
  else context.place().composer.write(one.text);
  done(store, index);
}

function pathOf({ view }, place) {
  if (place === "dm") return placePath(view?.dm ?? "DM");
  const channel = view?.channels.find((one) => `#${one.name}` === place);
  return channel ? placePath(channel.id) : null;
}

async function reactToLast(store, name) {
  const { me, place, route } = store.get();
  const mine = (place?.messages ?? []).filter((message) => message.user === me && message.reply_count);
  if (!mine.length) return notify("Take the first step first: there is no thread of yours here that Tacit answered in.");
  await attempted(() => api.react(me, route.channel, mine.at(-1).ts, name));
}

function done(store, index) {
  const tried = [...new Set([...store.get().tried, index])];
  remember("tacit.tried", tried);
  store.set({ tried });
}
