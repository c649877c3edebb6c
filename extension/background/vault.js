/**
 * What the pairing gave us, in a database of the extension's own origin.
 *
 * Not `storage.local`: Firefox lets content scripts read that. A content script's IndexedDB is
 * that of its page, so this one is out of its reach in both browsers.
 */

/**
 * @typedef {object} Pairing
 * @property {string} client our id
 * @property {string} token shown only to who has proved to be the daemon
 * @property {string} key hex; the daemon proves itself with it
 * @property {string} name what the daemon calls us
 * @property {number} port where the daemon was last
 */

const STORE = "pairing";
const KEY = "daemon";
const SEEN = "seen";

/** @returns {Promise<Pairing | null>} */
export async function load() {
  return (await use("readonly", (store) => store.get(KEY))) ?? null;
}

/** @param {Pairing} pairing */
export async function save(pairing) {
  await use("readwrite", (store) => store.put(pairing, KEY));
}

export async function forget() {
  await use("readwrite", (store) => store.delete(KEY));
}

/** Whether a daemon has ever answered here: one that was never seen is not one that stopped. */
export async function wasSeen() {
  return Boolean(await use("readonly", (store) => store.get(SEEN)));
}

export async function markSeen() {
  await use("readwrite", (store) => store.put(true, SEEN));
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} act
 * @returns {Promise<any>}
 */
async function use(mode, act) {
  const database = await open();
  try {
    return await finished(act(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  const request = indexedDB.open("sdz", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return finished(request);
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
