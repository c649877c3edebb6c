/**
 * The C library as WebAssembly (library/): streams of a file to the bytes of a PNG. One picture at a time.
 */

import { unpack } from "./container.js";
import { openKept, placeKept } from "./kept.js";
import { checkCosts, stepsOf } from "./costs.js";
import { atMost, groupsOf, latentSides } from "./header.js";
import { reducedSize, weightsOf } from "./reducing.js";
import { badField, badSymbols, FormatError, modelMissing, tooMuchWork, trailingData, truncated, weightsMismatch } from "./refusals.js";

/** @typedef {import("./container.js").File} File */
/** @typedef {import("./header.js").Header} Header */
/** @typedef {(...words: number[]) => number} Call */
/**
 * @typedef {object} Exports
 * @property {WebAssembly.Memory} memory
 * @property {Call} sdz_take @property {Call} sdz_mark @property {Call} sdz_release @property {Call} sdz_open @property {Call} sdz_begin
 * @property {Call} sdz_group @property {Call} sdz_alpha @property {Call} sdz_pixels @property {Call} sdz_preview
 * @property {Call} sdz_png @property {Call} sdz_png_bytes @property {Call} sdz_across @property {Call} sdz_down
 * @property {Call} sdz_multiply @property {Call} sdz_png_part @property {Call} sdz_png_sum
 */

const MODEL = "lite-1";
const [SIDE_AT, NAMES_AT] = [40, 200]; // weights.h
const HASH_BYTES = 8;
const [NO_MEMORY, TOO_SHORT, TOO_LONG, STOPPED, TOO_MUCH, DAMAGED] = [-1, -2, -3, -4, -5, -6]; // latents.c
/** Channels of a preview: what later ones add to its few pixels is not seen. */
const PREVIEW_CHANNELS = 16;
const CHANNELS = 192;
export const EDGE = 16; // pixels of a latent
const FINEST = 16384; // step code
const WARMING = 4;
const MOST_PLACES = 2 ** 15; // of a group in the trained coder

export class Library {
  /** @param {Exports} exports @param {string[]} names hashes of its weights @param {number} side pixels of a preview a latent */
  constructor(exports, names, side) {
    this.exports = exports;
    this.names = names;
    this.side = side;
    this.empty = exports.sdz_mark();
  }

  /**
   * @param {WebAssembly.Module} module @param {Uint8Array} weights as scripts/decoder_weights.py writes them
   * @returns {Promise<Library>}
   */
  static async open(module, weights) {
    const exports = /** @type {Exports} */ (/** @type {unknown} */ ((await WebAssembly.instantiate(module, {})).exports));
    const at = exports.sdz_take(weights.length);
    if (!at) throw noMemory();
    new Uint8Array(exports.memory.buffer).set(weights, at);
    const status = exports.sdz_open(at, weights.length);
    if (status) throw status === -2 ? noMemory() : new Error("these are no weights of this decoder");
    const names = Array.from({ length: weights[NAMES_AT] ?? 0 }, (_, index) => {
      const at = NAMES_AT + 4 + HASH_BYTES * index;
      return Array.from(weights.subarray(at, at + HASH_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join("");
    });
    return new Library(exports, names, weights[SIDE_AT] ?? 1);
  }

  /** Bytes of memory that it holds. */
  get bytes() {
    return this.exports.memory.buffer.byteLength;
  }

  /**
   * The picture of a file as a PNG.
   * @param {Uint8Array} data @param {number} [maxSide] of its longer side; 0: as it is
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   * @throws {FormatError}
   */
  async decode(data, maxSide = 0) {
    const file = this.able(data);
    try {
      const { header } = file;
      const symbols = this.symbolsOf(file, header.model.channels, true);
      const alpha = this.alphaOf(file);
      const pixels = await this.pixelsOf(file, symbols, { first: 0, count: header.height });
      const { width, height } = this.reduced(pixels, alpha, header, maxSide);
      return this.png(pixels, alpha, width, height);
    } finally {
      this.exports.sdz_release(this.empty);
    }
  }

  /**
   * The small picture that a linear map gives of a file, without its network: as PNG, at 1/8 of the size.
   * @param {Uint8Array} data @param {number} [maxSide] of its longer side; 0: as it is
   * @returns {Uint8Array<ArrayBuffer>}
   * @throws {FormatError}
   */
  preview(data, maxSide = 0) {
    const file = this.able(data);
    try {
      const { header } = file;
      const { h, w } = latentSides(header);
      const count = Math.min(PREVIEW_CHANNELS, header.model.channels);
      const symbols = this.symbolsOf(file, count, false);
      const [width, height] = [this.side * w, this.side * h];
      const pixels = this.take(3 * width * height);
      this.tried(this.exports.sdz_preview(symbols, count, h, w, header.step, this.stepsOf(header), pixels));
      const [shown, rows] = [Math.ceil((header.width * this.side) / EDGE), Math.ceil((header.height * this.side) / EDGE)];
      const size = this.reduced(this.cropped(pixels, width, shown, rows), 0, { width: shown, height: rows }, maxSide);
      return this.png(pixels, 0, size.width, size.height);
    } finally {
      this.exports.sdz_release(this.empty);
    }
  }

  /** Run through what takes longest, so that the browser has compiled it when the first picture comes. */
  warm() {
    const [h, w] = [8, 8];
    this.exports.sdz_begin(1e9);
    for (let round = 0; round < WARMING; round += 1) {
      const symbols = this.take(2 * CHANNELS * h * w);
      new Uint8Array(this.exports.memory.buffer).fill(0, symbols, symbols + 2 * CHANNELS * h * w);
      const pixels = this.take(3 * h * w * EDGE * EDGE);
      this.exports.sdz_pixels(symbols, h, w, FINEST, 0, pixels, 0, h * EDGE, w * EDGE);
      const noise = Uint8Array.from({ length: 4001 }, (_, at) => (at ? (at * 2654435761) >>> 13 : 0));
      this.exports.sdz_group(this.put(noise), noise.length, 1, FINEST, CHANNELS, 0, 0, h, w, symbols, h, w);
      this.exports.sdz_release(this.empty);
    }
  }

  /** A file that this can decode. @param {Uint8Array} data @returns {File} */
  able(data) {
    const file = unpack(data);
    const { header } = file;
    const { name, channels, factor } = header.model;
    if (name !== MODEL) throw modelMissing(name);
    if (!this.names.includes(header.weights)) throw weightsMismatch(MODEL, header.weights, this.names[0] ?? "none");
    if (channels !== CHANNELS || factor !== EDGE) {
      throw badField(`latents of ${MODEL}`, `${CHANNELS} channels at 1/${EDGE}`, `${channels} at 1/${factor}`);
    }
    if (header.placed) throw badField("header flags", `no PLACED for ${MODEL}`, "PLACED");
    if (header.tiling) throw badField("header flags", `no TILED for ${MODEL}`, "TILED");
    checkCosts(header);
    this.exports.sdz_begin(stepsOf(file).steps);
    return file;
  }

  /**
   * Symbols [count][h][w] of all groups, or of those that have some of the rows [from, to).
   * @param {File} file @param {number} count channels @param {boolean} whole @param {number} [from] @param {number} [to]
   */
  symbolsOf(file, count, whole, from = 0, to = Infinity) {
    const { header, streams } = file;
    const { h, w } = latentSides(header);
    const symbols = this.take(2 * count * h * w);
    let index = 0;
    for (const { top, left, height, width } of groupsOf(header)) {
      const { check, data } = /** @type {import("./container.js").Stream} */ (streams[index]);
      index += 1;
      if (top >= to || top + height <= from) continue;
      if (header.trained) atMost("number of places of a group", MOST_PLACES, height * width);
      if (header.trained && data.length < 2) throw truncated("a coded array", 2, data.length);
      const mark = this.exports.sdz_mark();
      const place = [count, top, left, height, width, symbols, h, w];
      const found = this.exports.sdz_group(this.put(data), data.length, Number(header.trained), header.step, ...place);
      this.exports.sdz_release(mark);
      if (found < 0) throw wrong(found, data.length, file);
      const name = streams.length === 1 ? "the latents" : `the latents at ${top},${left}`;
      if (whole && found !== check) throw badSymbols(name, check, found);
    }
    return symbols;
  }

  /**
   * Some rows of the picture [count][width][3], with what is kept of it.
   * @param {File} file @param {number} symbols @param {import("./kept.js").Rows} rows
   */
  async pixelsOf({ header, kept }, symbols, rows) {
    const { width, step } = header;
    const { h, w } = latentSides(header);
    const opened = kept && (await openKept(kept, rows));
    const pixels = this.take(3 * width * rows.count);
    this.tried(this.exports.sdz_pixels(symbols, h, w, step, this.stepsOf(header), pixels, rows.first, rows.count, width));
    const rgb = new Uint8Array(this.exports.memory.buffer, pixels, 3 * width * rows.count);
    if (kept && opened) placeKept(rgb, header, kept, opened, rows);
    return pixels;
  }

  /** A plane of alpha [height][width], or 0. @param {File} file */
  alphaOf(file) {
    const { header, alpha } = file;
    if (!alpha) return 0;
    const plane = this.take(header.width * header.height);
    const mark = this.exports.sdz_mark();
    const beyond = this.take(4);
    const place = [header.height, header.width, plane, beyond];
    const found = this.exports.sdz_alpha(this.put(alpha.data), alpha.data.length, alpha.levels, ...place);
    const [level = 0] = new Int32Array(this.exports.memory.buffer, beyond, 1);
    this.exports.sdz_release(mark);
    if (found === STOPPED) throw badField("alpha", `levels 0 to ${alpha.levels}`, level);
    if (found < 0) throw wrong(found, alpha.data.length, file);
    if (found !== alpha.check) throw badSymbols("the alpha channel", alpha.check, found);
    return plane;
  }

  /** Where a header's channel steps lie, or 0. @param {Header} header */
  stepsOf({ channelSteps }) {
    return channelSteps ? this.put(new Uint8Array(channelSteps.buffer)) : 0;
  }

  /** Cut to its first columns and rows, in place. @param {number} at @param {number} width @param {number} shown @param {number} rows */
  cropped(at, width, shown, rows) {
    const bytes = new Uint8Array(this.exports.memory.buffer);
    for (let row = 1; row < rows; row += 1) {
      const from = at + row * width * 3;
      bytes.copyWithin(at + row * shown * 3, from, from + shown * 3);
    }
    return at;
  }

  /**
   * Fewer pixels, and of alpha as many, in place of those there are.
   * @param {number} pixels @param {number} alpha where they lie, 0: none @param {{width: number, height: number}} size @param {number} side
   * @returns {{width: number, height: number}}
   */
  reduced(pixels, alpha, { width, height }, side) {
    const size = reducedSize(width, height, side);
    if (!size) return { width, height };
    this.reduce(pixels, alpha, { width, height }, size, weightsOf(height, size.height));
    return size;
  }

  /**
   * @param {number} pixels @param {number} alpha where they lie, 0: none
   * @param {{width: number, height: number}} from @param {{width: number, height: number}} size
   * @param {import("./reducing.js").Weights} down of the rows
   */
  reduce(pixels, alpha, { width, height }, size, down) {
    const { sdz_mark, sdz_release, sdz_multiply, sdz_across, sdz_down } = this.exports;
    const mark = sdz_mark();
    const across = weightsOf(width, size.width);
    const [columns, rows] = [this.put(new Uint8Array(across.table.buffer)), this.put(new Uint8Array(down.table.buffer))];
    const narrow = this.take(3 * size.width * height);
    if (alpha) sdz_multiply(pixels, alpha, width * height, 0);
    const go = (/** @type {number} */ at, /** @type {number} */ channels) => {
      sdz_across(at, height, width, channels, columns, across.taps, size.width, narrow);
      this.tried(sdz_down(narrow, size.width * channels, rows, down.taps, size.height, at));
    };
    go(pixels, 3);
    if (alpha) go(alpha, 1);
    if (alpha) sdz_multiply(pixels, alpha, size.width * size.height, 1);
    sdz_release(mark);
  }

  /** @param {number} pixels @param {number} alpha where they lie, 0: none @param {number} width @param {number} height */
  png(pixels, alpha, width, height) {
    const length = this.exports.sdz_png_bytes(width, height, alpha ? 4 : 3);
    const at = this.take(length);
    this.tried(this.exports.sdz_png(pixels, alpha, width, height, at));
    return new Uint8Array(this.exports.memory.buffer.slice(at, at + length));
  }

  /** @param {number} bytes */
  take(bytes) {
    const at = this.exports.sdz_take(bytes);
    if (!at) throw noMemory();
    return at;
  }

  /** @param {Uint8Array} data */
  put(data) {
    const at = this.take(data.length);
    new Uint8Array(this.exports.memory.buffer).set(data, at);
    return at;
  }

  /** @param {number} status */
  tried(status) {
    if (status) throw noMemory();
  }
}

function noMemory() {
  return new FormatError("out-of-memory", "there is not enough memory for this picture");
}

/** @param {number} status of the library @param {number} length of the stream @param {File} file */
function wrong(status, length, file) {
  if (status === NO_MEMORY) return noMemory();
  if (status === TOO_SHORT) return truncated("a coded array", length + 1, length);
  if (status === TOO_LONG) return trailingData("a coded array", 1);
  if (status === TOO_MUCH) return tooMuchWork(stepsOf(file).stored, stepsOf(file).steps);
  if (status === DAMAGED) return badField("a coded array", "symbols that use up its bytes", `${length} other bytes`);
  return new Error(`the library says ${status}`);
}
