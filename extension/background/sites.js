/** The sites the user has switched off. Kept by origin; all others are on. */

const KEY = "sitesOff";

/** @type {Promise<Set<string>> | null} */
let loading = null;

function off() {
  loading ??= chrome.storage.local.get(KEY).then((row) => new Set(/** @type {string[]} */ (row[KEY] ?? [])));
  return loading;
}

/** @param {string | undefined} origin */
export async function isOn(origin) {
  return !origin || !(await off()).has(origin);
}

/** All that are off, in the order of their names. */
export async function listOff() {
  return [...(await off())].sort();
}

/** @param {string} origin @param {boolean} on */
export async function set(origin, on) {
  const now = await off();
  if (on) now.delete(origin);
  else now.add(origin);
  await chrome.storage.local.set({ [KEY]: [...now] });
}
