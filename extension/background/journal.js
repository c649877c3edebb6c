/**
 * What became of the pictures of each tab's page, for the popup and the badge.
 *
 * In `storage.session`, since the background may be ended between two pictures. Bounded: a page that
 * makes pictures without end must not fill memory.
 */

import * as badge from "./badge.js";

const MOST_PICTURES = 300;
const WRITE_AFTER_MS = 200;

/**
 * @typedef {object} Entry
 * @property {string} url
 * @property {number} bytes of the file
 * @property {number} width
 * @property {number} height
 * @property {string} model
 * @property {number | null} score
 * @property {number | null} worst
 * @property {"shown" | "waiting" | "failed"} state
 * @property {string} reason a code, or ""
 */
/** @typedef {{origin: string, pictures: Entry[]}} Page */

/** @type {Map<number, Page>} */
const pages = new Map();
/** @type {Set<number>} */
const unwritten = new Set();

/** @param {number} tabId */
const keyOf = (tabId) => `page:${tabId}`;

/** @param {number} tabId @returns {Promise<Page>} */
export async function page(tabId) {
  let known = pages.get(tabId);
  if (!known) {
    const stored = (await chrome.storage.session.get(keyOf(tabId)))[keyOf(tabId)];
    known = pages.get(tabId) ?? /** @type {Page | undefined} */ (stored) ?? { origin: "", pictures: [] };
    pages.set(tabId, known);
  }
  return known;
}

/** @param {number} tabId @param {string} origin of the tab's page @param {Entry} entry */
export async function note(tabId, origin, entry) {
  const { pictures } = await page(tabId);
  const at = pictures.findIndex((one) => one.url === entry.url);
  if (at >= 0) pictures[at] = entry;
  else if (pictures.length < MOST_PICTURES) pictures.push(entry);
  pages.set(tabId, { origin, pictures });
  badge.show(tabId, pictures.some(({ state }) => state === "waiting"));
  if (!unwritten.size) setTimeout(write, WRITE_AFTER_MS);
  unwritten.add(tabId);
}

/** The tab shows another page now, or is gone. @param {number} tabId */
export function clear(tabId) {
  pages.delete(tabId);
  unwritten.delete(tabId);
  void chrome.storage.session.remove(keyOf(tabId));
}

/** Tabs that have pictures which wait for something. @returns {Promise<number[]>} */
export async function waitingTabs() {
  const stored = await chrome.storage.session.get(null);
  for (const key of Object.keys(stored)) {
    if (key.startsWith("page:")) await page(Number(key.slice("page:".length)));
  }
  return [...pages].filter(([, one]) => one.pictures.some(({ state }) => state === "waiting")).map(([id]) => id);
}

function write() {
  const rows = [...unwritten].map((tabId) => [keyOf(tabId), pages.get(tabId)]);
  unwritten.clear();
  void chrome.storage.session.set(Object.fromEntries(rows));
}
