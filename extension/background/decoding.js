/**
 * Who decodes a picture: the daemon, where this browser is paired with one and it answers; otherwise the extension
 * itself, as far as it can. The one place that chooses.
 */

import * as daemon from "./daemon.js";
import { decodeHere } from "./own.js";
import { Refusal } from "./refusal.js";

/** @typedef {{bytes: ArrayBuffer, type: string}} Picture */
/** @typedef {{format?: string, preview?: boolean, maxSide?: number}} Options */

/** The daemon cannot be asked. */
const AWAY = new Set(["absent", "unpaired", "token-refused"]);
/** What the daemon may have and the extension has not: other models, earlier editions, more memory, kept regions. */
const BEYOND = new Set(["model-missing", "weights-mismatch", "limit-exceeded", "out-of-memory", "unsupported-feature"]);

/**
 * @param {Uint8Array<ArrayBuffer> | ArrayBuffer} data @param {Options} [options]
 * @returns {Promise<Picture>}
 * @throws {Refusal}
 */
export async function decode(data, options = {}) {
  /** @type {Refusal | undefined} */
  let away;
  if (await daemon.isPaired()) {
    try {
      return await decodeThere(data, options);
    } catch (error) {
      if (!(error instanceof Refusal && AWAY.has(error.code))) throw error;
      away = error;
    }
  }
  try {
    const bytes = await decodeHere(options.preview ? "preview" : "decode", new Uint8Array(data));
    return { bytes, type: "image/png" };
  } catch (error) {
    if (!(error instanceof Refusal && BEYOND.has(error.code))) throw error;
    if (away) throw away;
    return decodeThere(data, options); // which says what is missing
  }
}

/** Who decodes now, as the daemon stands. @param {string} state of the daemon */
export const decoderNow = (state) => (state === "found" ? "daemon" : "own");

/** @param {Uint8Array<ArrayBuffer> | ArrayBuffer} data @param {Options} options @returns {Promise<Picture>} */
async function decodeThere(data, { format = "png", preview, maxSide }) {
  const response = await daemon.request("/v1/decode", {
    method: "POST",
    type: "application/x-sdz",
    accept: `image/${format}`,
    query: { preview: preview ? 1 : undefined, max_side: maxSide },
    body: data,
  });
  const type = response.headers.get("Content-Type") ?? `image/${format}`;
  return { bytes: await daemon.bytesOf(response), type };
}
