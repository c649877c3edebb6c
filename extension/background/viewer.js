/**
 * The viewer's address, with the key by which a fetch of its is known to be the user's.
 *
 * In Chromium any page may send a tab to the viewer: the browser's own redirects need it to be so. If it
 * then fetched with the user's cookies what its address names, a page could have GETs sent that SameSite=Strict
 * forbids it. So only a viewer with the key fetches as the user; any other fetches as for a page of the public web.
 */

const PAGE = "viewer/viewer.html";
const KEPT = "viewerKey";

/** @type {Promise<string> | null} */
let key = null;

/** A number of this session of the browser, which no page can read. */
export function viewerKey() {
  key ??= find();
  return key;
}

/** @returns {Promise<string>} */
async function find() {
  const kept = (await chrome.storage.session.get(KEPT))[KEPT];
  if (typeof kept === "string") return kept;
  const made = crypto.randomUUID();
  await chrome.storage.session.set({ [KEPT]: made });
  return made;
}

/**
 * @param {string} key what it is opened with; "" where that cannot be known
 * @param {boolean} check whether a name alone called it a picture
 * @returns {string} the viewer's address up to the hash, which says what it opens
 */
export function viewerPage(key, check) {
  const words = [...(check ? ["check"] : []), ...(key ? [`key=${key}`] : [])].join("&");
  return chrome.runtime.getURL(PAGE) + (words ? `?${words}` : "");
}

/**
 * Open the viewer in a tab of its own.
 * @param {string} hash what it opens: "", an address, or a choice @param {number} [tabId] beside which
 */
export async function openViewer(hash, tabId) {
  const beside = tabId === undefined ? null : await chrome.tabs.get(tabId).catch(() => null);
  const url = `${viewerPage(await viewerKey(), false)}${hash ? `#${hash}` : ""}`;
  await chrome.tabs.create(beside ? { url, openerTabId: beside.id, index: beside.index + 1 } : { url });
}
