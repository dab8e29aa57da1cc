// What happens to what somebody typed: a message, a reply, or a slash command.

import { api } from "./api.js";
import { attempted, notify } from "./notices.js";

/** Send as the current person to the current place; true when it was taken. `thread` is null outside threads. */
export async function send({ store, router, session }, text, thread) {
  const { me, route } = store.get();
  const where = route.channel === "DM" ? "dm" : route.channel;
  if (text.startsWith("/") && thread) {
    notify("Slack runs no slash commands in threads. Mention Tacit instead: “@tacit learnings …”.");
    return false;
  }
  if (text.startsWith("/")) return (await attempted(() => api.command(me, where, text))) !== null;
  const posted = await attempted(() => api.post(me, where, text, thread));
  if (posted && !thread) await wait(store, router, session, text, posted);
  return posted !== null;
}

/** A first message in the DM gives the DM its address; and a thread with the bot opens by itself when it answers. */
async function wait(store, router, session, text, posted) {
  const { route, bot, view } = store.get();
  if (route.channel === "DM") {
    await session.refresh();
    await router.go(`/archives/${posted.channel}`, { replace: true });
  }
  const forBot = posted.channel === store.get().view?.dm || posted.channel === view?.dm || text.toLowerCase().includes(`@${bot.name}`);
  if (forBot) store.set({ awaited: { channel: posted.channel, ts: posted.ts } });
}
