// The live feed: every event once, again after a lost connection, and word of whether it is up.

const TYPES = ["message", "ephemeral", "changed", "deleted", "reaction", "unreaction", "status", "membership", "channel", "user", "connection"];
const RETRY_MS = 1000;

/** Listen from `since` on. `onEvent(event)` gets each event, `onUp(up)` each change of the connection; the first `onUp(true)` too. */
export function listen(since, onEvent, onUp) {
  let last = since;
  let source;

  function hear(message) {
    const event = JSON.parse(message.data);
    last = event.seq ?? last;
    onEvent(event);
  }

  function open() {
    source = new EventSource(`/control/feed?since=${encodeURIComponent(last)}`);
    source.onopen = () => onUp(true);
    source.onerror = retry;
    for (const type of TYPES) source.addEventListener(type, hear);
  }

  function retry() {
    source.close(); // Its own retry would give up for good when the server answers with an error once.
    onUp(false);
    setTimeout(open, RETRY_MS);
  }

  open();
}
