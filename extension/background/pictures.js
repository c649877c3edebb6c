/**
 * From a file's bytes to a picture's, once: files that pages wait for, and pictures decoded.
 *
 * Both are caches in memory, bounded in bytes, gone when the background ends; the daemon has its own.
 */

import { decode } from "./decoding.js";
import { BadFile, readHeader } from "./header.js";
import { Limit, Once } from "./limit.js";
import { Lru } from "./lru.js";
import { hex } from "./proof.js";
import { Refusal } from "./refusal.js";

const FILES_BYTES = 32 * 2 ** 20;
const DECODED_BYTES = 96 * 2 ** 20;
const AT_ONCE = 4;
const BUSY_TRIES = 5;

/** @typedef {import("./header.js").Header} Header */
/** @typedef {Header & {hash: string, data: Uint8Array<ArrayBuffer>}} File */
/** @typedef {import("./decoding.js").Picture} Picture */

/** @type {Lru<File>} */
const files = new Lru(FILES_BYTES, (file) => file.data.length + 1000);
/** @type {Lru<Picture>} */
const decoded = new Lru(DECODED_BYTES, (picture) => picture.bytes.byteLength + 1000);
/** @type {Once<Picture>} */
const decoding = new Once();
const limit = new Limit(AT_ONCE);

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

/**
 * The picture of a file, for a browser to show at once.
 * @param {File} one @param {number} [maxSide] its longer side, where less than all is wanted
 * @returns {Promise<Picture>}
 */
export function picture(one, maxSide) {
  const name = maxSide ? `${one.hash} ${maxSide}` : one.hash;
  const known = decoded.get(name);
  if (known) return Promise.resolve(known);
  return decoding.run(name, async () => {
    const made = await limit.run(() => patiently(() => decode(one.data, { maxSide, stored: true })));
    decoded.set(name, made);
    return made;
  });
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
