// The page's state: one frozen-by-habit object, changed by `set`, and the views that look at it after each change.

export function createStore(initial) {
  let state = initial;
  let scheduled = false;
  const views = [];

  function show() {
    scheduled = false;
    for (const view of views) view(state);
  }

  return {
    get: () => state,
    set(patch) {
      state = { ...state, ...patch };
      if (scheduled) return;
      scheduled = true;
      queueMicrotask(show);
    },
    subscribe(view) {
      views.push(view);
    },
  };
}

/**
 * `work` as a trigger: never two runs at once, and always one more when it was asked for while a run was under way. That one waits as
 * long as the last took, so that a flood of events leaves half of the time to everything else.
 */
export function coalesce(work) {
  let running = null;
  let again = false;

  async function run() {
    do {
      again = false;
      const started = performance.now();
      await work();
      if (again) await new Promise((resolve) => setTimeout(resolve, performance.now() - started));
    } while (again);
  }

  return () => {
    if (running) {
      again = true;
      return running;
    }
    running = run().finally(() => { running = null; });
    return running;
  };
}

/** What this browser remembers. A tab may forget it all without harm, so a full or forbidden storage is no error. */
export function remembered(key, fallback) {
  try {
    const found = sessionStorage.getItem(key) ?? localStorage.getItem(key);
    return found === null ? fallback : JSON.parse(found);
  } catch {
    return fallback;
  }
}

/** Remember for later visits; `tab`: for this tab first, so that two tabs can be two people. */
export function remember(key, value, { tab = false } = {}) {
  try {
    if (tab) sessionStorage.setItem(key, JSON.stringify(value));
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Private windows may refuse; nothing depends on it.
  }
}
