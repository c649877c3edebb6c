/**
 * Fetching a picture that its page may not read: without cookies, without saying where from, and
 * never from an address more private than the page.
 */

import { isFile, mayFetch } from "./addresses.js";
import { givenName } from "../shared/naming.js";
import { isSdz, mayBecomeSdz, SIGNATURE } from "./header.js";
import { lettingThrough } from "./redirects.js";
import { Refusal } from "./refusal.js";

export const MOST_BYTES = 64 * 2 ** 20;
const TIME_MS = 30_000;

/**
 * The bytes of a `.sdz` file. A body that begins otherwise is not read to its end.
 * @param {string} url @param {string} page the address of the page that shows it; "" for any of the public web
 * @param {RequestCache} [cache] what a page shows its browser has just had
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {Refusal} private-address, unreachable, not-sdz, too-large
 */
export async function fetchForPage(url, page, cache = "force-cache") {
  if (!mayFetch(page, url)) throw privateAddress();
  const response = await open(url, { credentials: "omit", cache });
  // Redirects into private networks are refused before they are sent, by redirects.js; this is for
  // a browser that did not.
  if (!mayFetch(page, response.url)) throw privateAddress();
  return read(response, true);
}

/**
 * What the user went to: with cookies, as the browser would have had it.
 * @param {string} url @param {boolean} any whether other files are given too
 * @returns {Promise<{bytes: Uint8Array<ArrayBuffer>, type: string, url: string, name: string}>} `name`: what the server calls it, or ""
 */
export async function fetchForUser(url, any) {
  if (!/^https?:/i.test(url) && (any || !isFile(url))) {
    throw new Refusal("unreachable", "Only addresses of the web, and .sdz files of the disk, can be opened.");
  }
  const response = await open(url, { credentials: "include" });
  const bytes = await read(response, !any);
  const type = response.headers.get("Content-Type") ?? "application/octet-stream";
  return { bytes, type, url: response.url, name: givenName(response.headers.get("Content-Disposition")) };
}

/** @param {string} url @param {RequestInit} init */
async function open(url, init) {
  const signal = AbortSignal.timeout(TIME_MS);
  try {
    const ask = () => fetch(url, { ...init, referrerPolicy: "no-referrer", signal });
    const response = await lettingThrough(url, ask);
    if (response.ok) return response;
    void response.body?.cancel();
  } catch {
    // Names that do not resolve, refused connections, blocked redirects: all the same to a page.
  }
  throw new Refusal("unreachable", "The address gave no picture.");
}

/** @param {Response} response @param {boolean} onlySdz */
async function read(response, onlySdz) {
  const reader = response.body?.getReader();
  if (!reader) throw new Refusal("unreachable", "The address gave no picture.");
  /** @type {Uint8Array[]} */
  const parts = [];
  let length = 0;
  let judged = !onlySdz;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Refusal("unreachable", "The picture's transfer broke off.");
    });
    if (value) {
      parts.push(value);
      length += value.length;
    }
    if (!judged && (done || length >= SIGNATURE.length || !mayBecomeSdz(joined(parts, length)))) {
      judged = true;
      if (!isSdz(joined(parts, length))) {
        void reader.cancel();
        throw new Refusal("not-sdz", "It does not begin as a .sdz file does.");
      }
    }
    if (length > MOST_BYTES) {
      void reader.cancel();
      throw new Refusal("too-large", `Files of more than ${MOST_BYTES / 2 ** 20} MiB are not read.`);
    }
    if (done) return joined(parts, length);
  }
}

/** @param {Uint8Array[]} parts @param {number} length */
function joined(parts, length) {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function privateAddress() {
  const message = "The picture lies in a more private network than its page; the page may not have it fetched.";
  return new Refusal("private-address", message);
}
