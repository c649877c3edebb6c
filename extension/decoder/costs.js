/**
 * What a file may cost here, told by its header before anything is taken or begun: memory, and time. Pure.
 */

import { latentSides } from "./header.js";
import { limitExceeded } from "./refusals.js";

/** @typedef {import("./header.js").Header} Header */

/** Of one picture. Pictures at work at the same time have as much together (pool.js). */
export const MOST_BYTES = 512 * 2 ** 20;
/** A worker whose memory has grown beyond it is ended: memory of WebAssembly never shrinks. */
export const KEPT_BYTES = 64 * 2 ** 20;
const OWN_BYTES = 44 * 2 ** 20; // weights, as they came and as the kernels want them; what a group in the trained coder takes
/** Messages of Chromium's extensions end at 64 MiB, and a PNG that is not compressed takes 3 bytes a pixel. */
const MOST_PIXELS = 2 ** 25;

// Ten times what was measured of photographs on two cores (docs/threats.md): as the daemon's previews are held.
const LEAST_STEPS = 330_000_000;
const LEAST_STORED = 2 ** 16;
const STEPS_PER_BYTE = 10_000;
const LEAST_MS = 4_000;
const MS_PER_BYTE = 0.04;
const MS_PER_SYMBOL = 2e-4;
const MS_PER_PIXEL = 0.008;

/** @param {Header} header */
const symbolsOf = (header) => {
  const { h, w } = latentSides(header);
  return header.model.channels * h * w;
};

/**
 * Bytes of memory that decoding takes at most: of integers 2, and 4 as the adaptive coder has them; of a pixel 3 and of its PNG
 * 4, of alpha 2. A worker that makes one of several bands has all integers and some of the pixels.
 * @param {Header} header @param {number} [bands]
 */
export function bytesOf(header, bands = 1) {
  const pixels = Math.ceil((header.width * header.height) / bands);
  return OWN_BYTES + 6 * symbolsOf(header) + pixels * (header.alpha ? 9 : 7);
}

/** Time that is more than any file of this size needs. @param {Header} header @param {number} length of the file */
export function millisecondsOf(header, length) {
  const pixels = header.width * header.height;
  return LEAST_MS + MS_PER_BYTE * length + MS_PER_SYMBOL * symbolsOf(header) + MS_PER_PIXEL * pixels;
}

/**
 * Steps of decoding that the streams of a file may ask for, by their bytes: docs/format.md, "Limits".
 * @param {import("./container.js").File} file
 */
export function stepsOf({ streams, alpha }) {
  const stored = streams.reduce((sum, { data }) => sum + data.length, alpha?.data.length ?? 0);
  return { stored, steps: LEAST_STEPS + STEPS_PER_BYTE * Math.max(0, stored - LEAST_STORED) };
}

/** @param {Header} header @throws {import("./refusals.js").FormatError} for what is too much for a browser */
export function checkCosts(header) {
  const pixels = header.width * header.height;
  if (pixels > MOST_PIXELS) throw limitExceeded("number of pixels for a browser", MOST_PIXELS, pixels);
  const bytes = bytesOf(header);
  if (bytes > MOST_BYTES) throw limitExceeded("memory for a browser", MOST_BYTES, bytes);
}
