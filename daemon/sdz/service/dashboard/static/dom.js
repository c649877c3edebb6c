/** What all views share: making elements, words for numbers, and telling the user. */

/**
 * An element. `properties` that begin with "on" are listeners, those with a dash attributes.
 * @param {string} tag
 * @param {Record<string, any>} properties
 * @param {...(Node|string|null|undefined|false)} children
 */
export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.includes("-") || name === "role") node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** @param {string} id */
export const byId = (id) => document.getElementById(id);

const whole = new Intl.NumberFormat("en-GB");

/** A number of bytes, exactly: 19,101. */
export const exact = (bytes) => whole.format(bytes);

/** A number of bytes for people: 19.1 kB, 334 MB. */
export function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let at = 0;
  while (bytes >= 999.5 && at < units.length - 1) [bytes, at] = [bytes / 1000, at + 1];
  return `${at && bytes < 99.95 ? bytes.toFixed(1) : Math.round(bytes)} ${units[at]}`;
}

/** A time for people: 4 ms, 0.16 s, 12 s, 5 min, 3 h 20 min, 4 days. */
export function span(seconds) {
  if (seconds < 0.0995) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 0.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} days`;
}

/** `1 file`, `3 files`. */
export const count = (number, word) => `${whole.format(number)} ${word}${number === 1 ? "" : "s"}`;

/** Tell those who listen rather than look. */
export function announce(text) {
  byId("live").textContent = text;
}

/**
 * Show an error in a view's own place, or take it away.
 * @param {string} view
 * @param {Error|null} error
 */
export function showProblem(view, error) {
  const place = byId(`${view}-problem`);
  place.hidden = !error;
  place.textContent = error ? sentence(error.message) : "";
}

/** With a capital. */
export function sentence(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : "Something went wrong.";
}

/**
 * Run what a button does: it is off meanwhile, and a failure is shown in the view. It is not
 * `disabled`, which would lose the focus; where it is gone at the end the view's title has that.
 * @param {string} view
 * @param {HTMLButtonElement} button
 * @param {() => Promise<void>} work
 */
export async function act(view, button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  showProblem(view, null);
  const focused = document.activeElement === button;
  button.setAttribute("aria-disabled", "true");
  try {
    await work();
    showProblem(view, null);
  } catch (error) {
    if (error.name !== "AbortError") showProblem(view, error);
  } finally {
    button.removeAttribute("aria-disabled");
    const lost = [button, document.body].includes(document.activeElement); // nobody has taken it on
    if (focused && lost && (!button.isConnected || !button.checkVisibility())) {
      const title = byId(`${view}-title`);
      title.tabIndex = -1;
      title.focus();
    }
  }
}

/**
 * Put rows into a list without disturbing those that stay: each has a `data-id`, and `update`
 * is told to change an element that is there already. The focus stays where it is.
 * @param {HTMLElement} list
 * @param {any[]} rows
 * @param {{id: (row: any) => string, make: (row: any) => HTMLElement,
 *          update: (node: HTMLElement, row: any) => void, empty: string}} how
 */
export function sync(list, rows, { id, make, update, empty }) {
  const known = new Map([...list.children].map((node) => [node.dataset.id, node]));
  const wanted = rows.map((row) => {
    const node = known.get(id(row)) ?? make(row);
    node.dataset.id = id(row);
    known.delete(id(row));
    update(node, row);
    return node;
  });
  for (const gone of known.values()) gone.remove();
  wanted.forEach((node, at) => {
    if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null);
  });
  if (!rows.length) list.append(h("li", { className: "empty", textContent: empty }));
}
