/**
 * The small pictures of a page's files: many travel in one request, and each comes back as soon as the daemon has
 * drawn it (docs/api.md, "Previews").
 */

import { previews } from "./decoding.js";
import { Gathering } from "./gathering.js";
import { Lru } from "./lru.js";

const MOST = { count: 64, weight: 8 * 2 ** 20, waitMs: 30 };
const MAX_SIDE = 256;
const KEPT_BYTES = 8 * 2 ** 20;
const ABOUT_BYTES = 24 * 2 ** 10;
const PNG_BEGINS = 0x89;

/** @typedef {import("./pictures.js").File} File */
/** @typedef {import("./pictures.js").Picture} Picture */
/** @typedef {{file: File, give: (picture: Picture | null) => void}} Wanted */

/** @type {Lru<Promise<Picture | null>>} */
const kept = new Lru(KEPT_BYTES, () => ABOUT_BYTES);
/** @type {Gathering<Wanted>} */
const gathering = new Gathering(send, MOST, ({ file }) => file.data.length);

/** The small picture of a file; null where there is none now. @param {File} file @returns {Promise<Picture | null>} */
export function preview(file) {
  const known = kept.get(file.hash);
  if (known) return known;
  /** @type {Promise<Picture | null>} */
  const asked = new Promise((give) => gathering.want({ file, give }));
  kept.set(file.hash, asked);
  void asked.then((picture) => picture || kept.delete(file.hash));
  return asked;
}

/** @param {Wanted[]} wanted */
async function send(wanted) {
  const files = wanted.map(({ file }) => file.data);
  /** @param {number} at @param {Uint8Array<ArrayBuffer>} bytes */
  const hear = (at, bytes) => {
    wanted[at]?.give({ bytes: bytes.buffer, type: bytes[0] === PNG_BEGINS ? "image/png" : "image/jpeg" });
  };
  try {
    await previews(files, MAX_SIDE, hear);
  } catch {
    // Why is said by what is asked for next, the picture.
  }
  for (const { give } of wanted) give(null); // those that have theirs keep it
}
