/**
 * Who decodes a picture: the daemon, where this browser is paired with one and it answers; otherwise the extension
 * itself, as far as it can. The one place that chooses.
 */

import * as daemon from "./daemon.js";
import { decodeHere } from "./own.js";
import { listOf, Parts } from "./parts.js";
import { Refusal } from "./refusal.js";

/** @typedef {{bytes: ArrayBuffer, type: string}} Picture */
/** @typedef {{format?: string, preview?: boolean, maxSide?: number, stored?: boolean, signal?: AbortSignal}} Options */

/** The daemon cannot be asked. */
const AWAY = new Set(["absent", "unpaired", "token-refused"]);
/** What the daemon may have and the extension has not: other models, earlier editions, more memory, kept regions. */
const BEYOND = new Set(["model-missing", "weights-mismatch", "limit-exceeded", "out-of-memory", "unsupported-feature"]);

/**
 * Stored: a PNG need not be deflated; it is written and shown sooner.
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
    const bytes = await decodeHere(options.preview ? "preview" : "decode", new Uint8Array(data), options.maxSide);
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
async function decodeThere(data, { format = "png", preview, maxSide, stored, signal }) {
  const response = await daemon.request("/v1/decode", {
    method: "POST",
    type: "application/x-sdz",
    accept: `image/${format}`,
    query: { preview: preview ? 1 : undefined, max_side: maxSide, stored: stored ? 1 : undefined },
    body: data,
    signal,
  });
  const type = response.headers.get("Content-Type") ?? `image/${format}`;
  return { bytes: await daemon.bytesOf(response, signal), type };
}

/**
 * The small pictures of several files, each when it is there; none where there is none.
 * @param {Uint8Array<ArrayBuffer>[]} files @param {number} maxSide
 * @param {(number: number, bytes: Uint8Array<ArrayBuffer>) => void} hear told the file's place, and a JPEG or PNG
 */
export async function previews(files, maxSide, hear) {
  if (await daemon.isPaired()) {
    try {
      await previewsThere(files, maxSide, hear);
      return;
    } catch (error) {
      if (!(error instanceof Refusal && AWAY.has(error.code))) throw error;
    }
  }
  const here = files.map(async (data, at) => hear(at, new Uint8Array(await decodeHere("preview", data, maxSide))));
  await Promise.allSettled(here);
}

/**
 * @param {Uint8Array<ArrayBuffer>[]} files @param {number} maxSide
 * @param {(number: number, bytes: Uint8Array<ArrayBuffer>) => void} hear
 */
async function previewsThere(files, maxSide, hear) {
  const response = await daemon.request("/v1/previews", {
    method: "POST",
    type: "application/x-sdz-list",
    query: { max_side: maxSide },
    body: listOf(files),
  });
  const parts = new Parts((number, bytes) => bytes.length && hear(number, bytes));
  for await (const piece of response.body ?? []) parts.push(piece);
}
