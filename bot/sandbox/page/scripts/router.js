// Addresses and the back button: links to places stay on this page, and each place has its own address.

import { pathInside } from "./links.js";

/** `go(path)` shows a path; `follow(location, {quiet})` is called whenever the address changed. */
export function createRouter(follow) {
  function go(path, { quiet = false, replace = false } = {}) {
    const method = replace || path === location.pathname + location.search ? "replaceState" : "pushState";
    history[method]({ quiet }, "", path);
    return follow(location, { quiet });
  }

  function clicked(event) {
    const link = event.target.closest?.("a[href]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented || link.target === "_blank") return;
    const path = link.pathname === "/" ? "/" : pathInside(link.href);
    if (!path || link.hash) return;
    event.preventDefault();
    go(path, { quiet: link.dataset.quiet !== undefined });
  }

  document.addEventListener("click", clicked);
  window.addEventListener("popstate", (event) => follow(location, { quiet: event.state?.quiet ?? false }));
  return { go };
}
