/**
 * The few steps that all pages take with elements. Text is only ever set as text, never as HTML.
 */

/**
 * The element with this id. A page that lacks it is a fault of ours, and says so at once.
 * @template {Element} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element #${id}`);
  return /** @type {T} */ (/** @type {unknown} */ (found));
}

/**
 * A new element. `props` are properties ("className", "onclick"); names with a dash are attributes.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [props]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.includes("-")) made.setAttribute(name, String(value));
    else /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (made))[name] = value;
  }
  made.append(...children);
  return made;
}

/** @param {HTMLElement} element @param {boolean} on */
export function show(element, on) {
  element.hidden = !on;
}

/**
 * Has a screen reader say something once. The same words twice in a row are said twice: a live
 * region that does not change stays silent.
 * @param {string} words
 * @param {HTMLElement} [region] with role="status"
 */
export function say(words, region = byId("live")) {
  region.textContent = "";
  setTimeout(() => {
    region.textContent = words;
  }, 50);
}

/**
 * Offers a file to the user, as a link with `download` would.
 * @param {Blob} blob
 * @param {string} name
 */
export function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  // The download has taken hold of the blob once it has begun; a minute is ample for a prompt.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
