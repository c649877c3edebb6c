/**
 * The extension's own decoder: workers of this page in Firefox, of an offscreen document in Chromium.
 */

import { localPool } from "../decoder/local.js";
import { FormatError } from "../decoder/refusals.js";
import { Refusal } from "./refusal.js";

/** @typedef {"decode" | "preview"} Kind */
/** @typedef {import("../decoder/pool.js").Pool} Pool */
/** @typedef {{run: (kind: Kind, data: Uint8Array, maxSide?: number) => Promise<Uint8Array<ArrayBuffer>>}} Runner */
/** @typedef {{resolve: (png: Uint8Array<ArrayBuffer>) => void, reject: (error: unknown) => void}} Waiting */

const DOCUMENT = "decoder/offscreen.html";
const HERE_MS = 10_000;

/** @type {Promise<Runner> | null} */
let runner = null;

/**
 * A file's picture as PNG.
 * @param {Kind} kind @param {Uint8Array} data @param {number} [maxSide] of its longer side
 * @returns {Promise<ArrayBuffer>}
 * @throws {Refusal}
 */
export async function decodeHere(kind, data, maxSide) {
  try {
    const { run } = await (runner ??= globalThis.Worker ? local() : remote());
    return (await run(kind, data, maxSide)).buffer;
  } catch (error) {
    if (error instanceof FormatError) throw new Refusal(error.code, error.message, error.facts);
    runner = null;
    throw error;
  }
}

/** @returns {Promise<Runner>} */
async function local() {
  const pool = localPool();
  pool.warm();
  return { run: (kind, data, maxSide) => pool.run(kind, data, maxSide) };
}

/** @returns {Promise<Runner>} */
async function remote() {
  let port = await connect();
  return {
    run: async (kind, data, maxSide) => {
      try {
        return await port.run(kind, data, maxSide);
      } catch (error) {
        if (!(error instanceof Gone)) throw error;
        port = await connect(); // it closed for want of work in the same moment
        return port.run(kind, data, maxSide);
      }
    },
  };
}

/** The document is no longer there. */
class Gone extends Error {}

/** A line to the offscreen document, which is opened where there is none. */
async function connect() {
  const { offscreen } = chrome; // Firefox has none, and needs none
  const justification = "Pictures are decoded by workers, which a service worker cannot start.";
  await offscreen
    .createDocument({ url: DOCUMENT, reasons: [offscreen.Reason.WORKERS], justification })
    .catch(() => {}); // there is one already
  const all = await /** @type {any} */ (globalThis).clients.matchAll({ includeUncontrolled: true, type: "window" });
  const client = all.find((/** @type {{url: string}} */ { url }) => url === chrome.runtime.getURL(DOCUMENT));
  if (!client) throw new Refusal("unreadable-image", "The extension's decoder could not be opened.");
  const { port1, port2 } = new MessageChannel();
  const line = new Line(port1);
  client.postMessage(null, [port2]);
  await line.here;
  return line;
}

/** What is asked by a port, and its answers. */
class Line {
  /** @param {MessagePort} port */
  constructor(port) {
    this.port = port;
    this.last = 0;
    /** @type {Map<number, Waiting>} */
    this.asked = new Map();
    this.here = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Gone()), HERE_MS);
      port.onmessage = ({ data: { here, id, png, wrong } }) => {
        clearTimeout(timer);
        if (here) return resolve(undefined);
        const waiting = this.asked.get(id);
        this.asked.delete(id);
        if (png) waiting?.resolve(png);
        else waiting?.reject(new FormatError(wrong.code, wrong.message, wrong.facts));
      };
    });
    port.addEventListener("close", () => {
      for (const { reject } of this.asked.values()) reject(new Gone());
      this.asked.clear();
      this.closed = true;
    });
  }

  /** @param {Kind} kind @param {Uint8Array} data @param {number} [maxSide] @returns {Promise<Uint8Array<ArrayBuffer>>} */
  run(kind, data, maxSide) {
    if (this.closed) return Promise.reject(new Gone());
    return new Promise((resolve, reject) => {
      this.last += 1;
      this.asked.set(this.last, { resolve, reject });
      this.port.postMessage({ id: this.last, kind, data, maxSide });
    });
  }
}
