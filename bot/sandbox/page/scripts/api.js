// The pretend Slack's control API and the inspector's addresses, as functions. Every failure is an `ApiError` with a sentence.

export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function ask(path, init) {
  let response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError("The sandbox does not answer. Is it still running?", 0);
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(body.error || `The sandbox answered ${response.status}.`, response.status);
  return body;
}

function look(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(given).toString();
  return ask(search ? `${path}?${search}` : path);
}

function act(name, body) {
  return ask(`/control/${name}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

export const api = {
  state: () => look("/control/state"),
  view: (as) => look("/control/view", { as }),
  messages: (as, channel, thread) => look("/control/view/messages", { as, channel, thread_ts: thread }),
  post: (as, where, text, thread) => act("post", { as, in: where, text, ...(thread ? { thread_ts: thread } : {}) }),
  command: (as, where, text) => act("command", { as, in: where, text }),
  edit: (as, channel, ts, text) => act("edit", { as, channel, ts, text }),
  remove: (channel, ts) => act("delete", { channel, ts }),
  react: (as, channel, ts, emoji) => act("react", { as, channel, ts, emoji }),
  unreact: (as, channel, ts, emoji) => act("unreact", { as, channel, ts, emoji }),
  click: (as, channel, ts, button) => act("click", { as, channel, ts, ...button }),
  join: (as, where) => act("join", { as, in: where }),
  leave: (as, where) => act("leave", { as, in: where }),
  about: () => look("/inspect/about"),
  inspectReply: (channel, ts) => look("/inspect/reply", { channel, ts }),
  inspectLearned: () => look("/inspect/learned"),
  inspectStates: () => look("/inspect/states"),
};
