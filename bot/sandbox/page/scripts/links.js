// Addresses. A place is `/archives/CHANNEL`, a message `/archives/CHANNEL/pTS?thread_ts=…&cid=…`: Slack's own permalinks, so that both work.

const MESSAGE = /^\/archives\/([A-Z0-9]+)(?:\/p(\d{10})(\d{6}))?\/?$/;

/** Where an address leads: {channel, ts, thread}; all null on the start page. */
export function parsePath(pathname, search = "") {
  const found = MESSAGE.exec(pathname);
  if (!found) return { channel: null, ts: null, thread: null };
  const ts = found[2] ? `${found[2]}.${found[3]}` : null;
  return { channel: found[1], ts, thread: new URLSearchParams(search).get("thread_ts") };
}

export function placePath(channel) {
  return `/archives/${channel}`;
}

export function messagePath(channel, ts, thread) {
  const path = `/archives/${channel}/p${ts.replace(".", "")}`;
  return thread ? `${path}?thread_ts=${thread}&cid=${channel}` : path;
}

export function threadPath(channel, thread) {
  return messagePath(channel, thread, thread);
}

/** The path inside this page that `href` means, or null: a permalink on this machine's own address, or on the workspace's. */
export function pathInside(href, workspaceUrl) {
  const url = webAddress(href);
  if (!url || !MESSAGE.test(url.pathname)) return null;
  const loopback = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname) && url.port === location.port;
  const workspace = workspaceUrl && url.origin === webAddress(workspaceUrl)?.origin;
  return loopback || workspace || url.origin === location.origin ? url.pathname + url.search : null;
}

/** `href` as a URL when it is one that may be followed (web or mail), else null. */
export function webAddress(href) {
  try {
    const url = new URL(href, location.origin);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}
