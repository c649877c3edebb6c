/**
 * Large pictures in bands of rows, a worker each: every row of pixels is made of some rows of latents, in integers, so that bands are
 * the same pixels as the whole. Nothing is shared: each worker reads the groups that it needs.
 */

import { EDGE } from "./library.js";
import { between, reducedSize, weightsOf } from "./reducing.js";

/** @typedef {import("./library.js").Library} Library */
/** @typedef {{index: number, count: number}} Band one of how many, from above */
/** @typedef {{png: Uint8Array<ArrayBuffer>, sum: number, bytes: number}} Piece of a PNG (joining.js): its chunk, and of its rows Adler-32 and bytes */

const LEAST_PIXELS = 2 ** 21; // of a picture: below it starting and joining take what is won
/** Of what is joined. A whole one of 12 megapixels in two bands took the process of the extension to 550 MB, with one worker to 400. */
const MOST_SHOWN = 2 ** 23;
const REACH = 6; // rows of latents beyond a row of pixels: picture.c

/**
 * How many bands a picture is made in, where so many workers are free.
 * @param {import("./header.js").Header} header @param {number} maxSide @param {number} free
 */
export function bandsOf({ width, height, alpha }, maxSide, free) {
  const shown = reducedSize(width, height, maxSide) ?? { width, height };
  if (alpha || width * height < LEAST_PIXELS || shown.width * shown.height > MOST_SHOWN) return 1;
  return Math.max(1, Math.min(free, Math.floor(height / 256)));
}

/**
 * A band of a file's picture, which has no alpha.
 * @param {Library} library @param {Uint8Array} data @param {number} maxSide @param {Band} band
 * @returns {Promise<Piece>}
 * @throws {import("./refusals.js").FormatError}
 */
export async function bandOf(library, data, maxSide, { index, count }) {
  const { exports } = library;
  const file = library.able(data);
  try {
    const { header } = file;
    const { width, height } = header;
    const size = reducedSize(width, height, maxSide) ?? { width, height };
    const [from, to] = [index, index + 1].map((n) => Math.floor((size.height * n) / count));
    const rows = (to ?? 0) - (from ?? 0);
    const down = size.height < height ? between(weightsOf(height, size.height), from ?? 0, to ?? 0) : null;
    const [first, long] = down ? [down.first, down.count] : [from ?? 0, rows];
    const [above, below] = [Math.floor(first / EDGE) - REACH, Math.ceil((first + long) / EDGE) + REACH];
    const symbols = library.symbolsOf(file, header.model.channels, true, above, below);
    const pixels = await library.pixelsOf(file, symbols, { first, count: long });
    if (down) library.reduce(pixels, 0, { width, height: long }, { width: size.width, height: rows }, down.weights);
    const at = library.take(exports.sdz_png_bytes(size.width, rows, 3));
    const length = exports.sdz_png_part(pixels, size.width, rows, size.height, Number(index === 0), at) >>> 0;
    const png = new Uint8Array(exports.memory.buffer.slice(at, at + length));
    return { png, sum: exports.sdz_png_sum() >>> 0, bytes: (3 * size.width + 1) * rows };
  } finally {
    exports.sdz_release(library.empty);
  }
}
