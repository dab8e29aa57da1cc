// Building and updating the document. Text only ever becomes text nodes: nothing on this page is parsed as HTML.

const signatures = new WeakMap(); // What each node was built from.

/** An element. `props`: attributes; `on…` are listeners; `class`; `data` is an object of data attributes; null and false are left out. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) applyProp(node, name, value);
  node.append(...present(children));
  return node;
}

function applyProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "class") node.className = value;
  else if (name === "data") Object.assign(node.dataset, value);
  else node.setAttribute(name, value === true ? "" : value);
}

function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replace what `node` holds, unless `signature` says that it is what it was. Keeps the focus on the element with the same `data-focus`. */
export function fill(node, signature, build) {
  if (signatures.get(node) === signature) return;
  const focus = node.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  node.replaceChildren(...present([build()]));
  signatures.set(node, signature);
  if (focus) focusOn(node, focus);
}

export function focusOn(node, focus) {
  const target = node.querySelector(`[data-focus="${CSS.escape(focus)}"]`);
  target?.focus({ preventScroll: true });
  return Boolean(target);
}

/**
 * Make the children of `list` those of `items` ({key, signature, build}), touching only what changed.
 * A child with `data-editing` is left as it is. `onReplaced(old, node)` is told of each child that was built again.
 */
export function reconcile(list, items, onReplaced = () => {}) {
  const wanted = new Set(items.map((item) => item.key));
  for (const child of [...list.children]) if (!wanted.has(child.dataset.key)) child.remove();
  const before = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let next = list.firstElementChild;
  for (const item of items) {
    const node = current(before.get(item.key), item, onReplaced, (old, fresh) => { if (next === old) next = fresh; });
    if (node === next) next = next.nextElementSibling;
    else list.insertBefore(node, next);
  }
}

/** Whatever comes next builds this child anew. */
export function outdate(child) {
  signatures.delete(child);
}

function current(old, item, onReplaced, moved) {
  if (old && (signatures.get(old) === item.signature || old.dataset.editing)) return old;
  const fresh = built(item);
  if (old) {
    swap(old, fresh, onReplaced);
    moved(old, fresh);
  }
  return fresh;
}

function built(item) {
  const node = item.build();
  node.dataset.key = item.key;
  signatures.set(node, item.signature);
  return node;
}

function swap(old, node, onReplaced) {
  const focus = old.contains(document.activeElement) ? document.activeElement.dataset.focus || "self" : null;
  const caret = caretIn(old);
  old.replaceWith(node);
  keepTyped(old, node);
  onReplaced(old, node);
  if (focus && !(focus !== "self" && focusOn(node, focus))) node.focus({ preventScroll: true });
  if (caret && document.activeElement?.dataset.focus === focus) document.activeElement.setSelectionRange(...caret);
}

// What somebody is writing into a field of a message survives that the message is built again.
function keepTyped(old, node) {
  for (const entry of old.querySelectorAll(".entry [data-focus]")) {
    const now = node.querySelector(`.entry [data-focus="${CSS.escape(entry.dataset.focus)}"]`);
    if (now && entry.value !== entry.defaultValue) now.value = entry.value;
  }
}

function caretIn(node) {
  const entry = document.activeElement;
  return node.contains(entry) && entry.matches(".entry [data-focus]") ? [entry.selectionStart, entry.selectionEnd] : null;
}
