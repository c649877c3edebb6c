/**
 * From a file's bytes to a picture's, once: files that pages wait for, and pictures decoded.
 *
 * Both are caches in memory, bounded in bytes, gone when the background ends; the daemon has its own.
 */

import { decode } from "./decoding.js";
import { BadFile, readHeader } from "./header.js";
import { Lru } from "./lru.js";
import { hex } from "./proof.js";
import { Refusal } from "./refusal.js";
import { Wishes } from "./wishes.js";

const FILES_BYTES = 32 * 2 ** 20;
const DECODED_BYTES = 96 * 2 ** 20;
const AT_ONCE = 4;
/** Pictures in one go: of more, those that come after these are deflated. A page asks first for what is in view, or nearly so. */
const MANY = 32;
const DEFLATED_PIXELS = 2 ** 20; // of larger ones it takes a third as long as decoding, and they would come that much later
const BUSY_TRIES = 5;

/** @typedef {import("./header.js").Header} Header */
/** @typedef {Header & {hash: string, data: Uint8Array<ArrayBuffer>}} File */
/** @typedef {import("./decoding.js").Picture} Picture */

/** @type {Lru<File>} */
const files = new Lru(FILES_BYTES, (file) => file.data.length + 1000);
/** @type {Lru<Picture>} */
const decoded = new Lru(DECODED_BYTES, (picture) => picture.bytes.byteLength + 1000);
/** @type {Wishes<Picture>} */
const wishes = new Wishes(AT_ONCE, MANY);

/** Take a file in. @param {Uint8Array<ArrayBuffer>} data @returns {Promise<File>} */
export async function take(data) {
  let header;
  try {
    header = readHeader(data);
  } catch (error) {
    if (error instanceof BadFile) throw new Refusal(error.code, `The file is damaged: ${error.message}.`);
    throw error;
  }
  const hash = hex(await crypto.subtle.digest("SHA-256", data));
  const file = { ...header, hash, data };
  files.set(hash, file);
  return file;
}

/** A file that was taken in, while it is remembered. @param {string} hash */
export function file(hash) {
  return files.get(hash);
}

/** @typedef {{maxSide?: number, canWait?: boolean, who?: unknown}} Wanted its longer side, where less than all is wanted */

/** @param {string} hash @param {number | undefined} maxSide */
const nameOf = (hash, maxSide) => (maxSide ? `${hash} ${maxSide}` : hash);

/**
 * The picture of a file, for a browser to show at once; one that can wait for others, for which somebody waits, does.
 *
 * A browser keeps its bytes as long as the page is open. So what nobody sees yet, and what is one of many, is deflated: half of
 * the memory, for 12 ms of a core.
 * @param {File} one @param {Wanted} [wanted] `who`: may `drop` it again
 * @returns {Promise<Picture>}
 */
export function picture(one, { maxSide, canWait = false, who = Symbol("whoever") } = {}) {
  const name = nameOf(one.hash, maxSide);
  const known = decoded.get(name);
  if (known) return Promise.resolve(known);
  return wishes.want(name, who, canWait, async (signal) => {
    const stored = pixelsOf(one, maxSide) > DEFLATED_PIXELS || (!canWait && !wishes.areMany);
    const made = await patiently(() => decode(one.data, { maxSide, stored, signal }));
    decoded.set(name, made);
    return made;
  });
}

/** How many it is sent with. @param {Header} header @param {number} [maxSide] */
function pixelsOf({ width, height }, maxSide = Infinity) {
  return width * height * Math.min(1, maxSide / Math.max(width, height)) ** 2;
}

/** It is wanted no longer. @param {string} hash @param {number | undefined} maxSide @param {unknown} who */
export function drop(hash, maxSide, who) {
  wishes.drop(nameOf(hash, maxSide), who);
}

/** Again when the daemon said it was busy. @template T @param {() => Promise<T>} task */
async function patiently(task) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await task();
    } catch (error) {
      const wait = error instanceof Refusal ? Number(error.facts["retryAfterMs"]) : NaN;
      if (!(wait > 0) || tries === BUSY_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(wait, 10_000)));
    }
  }
}
