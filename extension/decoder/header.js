/**
 * The header of a `.sdz` file (docs/format.md, "H, the header"): every field, checked as daemon/sdz/container/header.py
 * checks it, in its order. Pure.
 */

import { Cursor } from "./cursor.js";
import { badField, limitExceeded, trailingData, unsupportedFeature, unsupportedVersion } from "./refusals.js";

/**
 * What a reader takes at most; looked at before memory is.
 * @typedef {{pixels: number, symbols: number, groups: number, chunkBytes: number, ancillaryBytes: number, ancillaryChunks: number, keptRegions: number}} Limits
 */
/** @type {Limits} */
export const LIMITS = Object.freeze({
  pixels: 2 ** 28,
  symbols: 2 ** 28,
  groups: 2 ** 16,
  chunkBytes: 2 ** 28,
  ancillaryBytes: 2 ** 24,
  ancillaryChunks: 256,
  keptRegions: 256,
});

/** @typedef {{number: number, name: string, channels: number, factor: number}} Model */
/** @typedef {{score: number, worst: number, psnr: number}} Report hundredths of each in the file */
/** @typedef {{top: number, left: number, height: number, width: number}} Group in latent units */
/**
 * @typedef {object} Header
 * @property {number} width in pixels
 * @property {number} height in pixels
 * @property {Model} model
 * @property {string} weights hash of the decoder's, in hex
 * @property {number} step code
 * @property {boolean} alpha
 * @property {Report | null} report
 * @property {{tile: number, overlap: number} | null} tiling
 * @property {number | null} group side of the coding groups, latent units; null: one group
 * @property {Int8Array | null} channelSteps
 * @property {boolean} placed
 * @property {boolean} trained whether the latents are in the trained coder
 */

const VERSION = 1;
const [ALPHA, REPORT, TILED, GROUPED, CHANNEL_STEPS, PLACED, TRAINED] = [1, 2, 4, 8, 16, 32, 64];
const RESERVED = 7;
const MAX_SIDE = 65535;
const MAX_CHANNELS = 1024;
const FACTORS = [1, 2, 4, 8, 16, 32, 64];
const NAME = /^[a-z0-9][a-z0-9._-]{0,31}$/;
const NAME_RULE = "1 to 32 of a-z 0-9 . _ -, a letter or digit first";

/** @type {Model[]} */
const WELL_KNOWN = [
  { number: 1, name: "lite-1", channels: 192, factor: 16 },
  { number: 2, name: "sd14", channels: 4, factor: 8 },
  { number: 3, name: "sd-mse", channels: 4, factor: 8 },
  { number: 4, name: "sdxl", channels: 4, factor: 8 },
  { number: 5, name: "taesd", channels: 4, factor: 8 },
  { number: 6, name: "taesdxl", channels: 4, factor: 8 },
  { number: 7, name: "taesd3", channels: 16, factor: 8 },
  { number: 8, name: "taef1", channels: 16, factor: 8 },
];

/**
 * The header in the payload of chunk H, which it must fill.
 * @param {Cursor} payload @param {Limits} limits
 * @returns {Header}
 * @throws {import("./refusals.js").FormatError}
 */
export function readHeader(payload, limits) {
  const version = payload.number(1, "format version");
  if (version > VERSION) throw unsupportedVersion(version, VERSION);
  if (version < VERSION) throw badField("format version", String(VERSION), version);
  const flags = payload.number(1, "header flags");
  if ((flags >> RESERVED) & 1) throw unsupportedFeature(`header flag ${RESERVED}`);
  const [width, height] = [payload.varint("width"), payload.varint("height")];
  const model = readModel(payload);
  const weights = Array.from(payload.take(8, "weights hash"), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const step = payload.number(2, "step");
  const report = flags & REPORT ? readReport(payload) : null;
  const tiling = flags & TILED ? { tile: payload.varint("view tile"), overlap: payload.varint("tile overlap") } : null;
  const group = flags & GROUPED ? payload.varint("group side") : null;
  const steps = flags & CHANNEL_STEPS ? payload.take(model.channels, "channel steps") : null;
  if (payload.left) throw trailingData("the header", payload.left);
  const header = {
    ...{ width, height, model, weights, step, report, tiling, group },
    alpha: (flags & ALPHA) !== 0,
    channelSteps: steps && Int8Array.from(steps, (byte) => (byte << 24) >> 24),
    placed: (flags & PLACED) !== 0,
    trained: (flags & TRAINED) !== 0,
  };
  check(header, limits);
  return header;
}

/** The side that a header's groups have. @param {Header} header */
const sideOf = ({ group, height, width, model }) => group ?? Math.max(Math.ceil(height / model.factor), Math.ceil(width / model.factor));

/** Rows and columns of its latents. @param {Header} header */
export function latentSides({ height, width, model }) {
  return { h: Math.ceil(height / model.factor), w: Math.ceil(width / model.factor) };
}

/** How many groups, thus streams, its latents are in. @param {Header} header */
export function groupCount(header) {
  const [{ h, w }, side] = [latentSides(header), sideOf(header)];
  return Math.ceil(h / side) * Math.ceil(w / side);
}

/** The groups in the order of their streams. @param {Header} header @returns {Generator<Group>} */
export function* groupsOf(header) {
  const [{ h, w }, side] = [latentSides(header), sideOf(header)];
  for (let top = 0; top < h; top += side) {
    for (let left = 0; left < w; left += side) {
      yield { top, left, height: Math.min(side, h - top), width: Math.min(side, w - left) };
    }
  }
}

/** @param {Cursor} payload @returns {Model} */
function readModel(payload) {
  const number = payload.number(1, "model number");
  if (number > WELL_KNOWN.length) throw unsupportedFeature(`model number ${number}`);
  const known = WELL_KNOWN[number - 1];
  if (known) return known;
  const length = payload.number(1, "model name");
  const name = String.fromCharCode(...payload.take(length, "model name"));
  const channels = payload.varint("model channels");
  const factor = payload.number(1, "model factor");
  if (!NAME.test(name)) throw badField("model name", NAME_RULE, quoted(name));
  within("model channels", channels, 1, MAX_CHANNELS);
  if (!FACTORS.includes(factor)) throw badField("model factor", "one of 1 2 4 8 16 32 64", factor);
  return { number, name, channels, factor };
}

/** @param {string} name that may hold anything */
function quoted(name) {
  return `'${name.replace(/[^ -~]/g, (letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`)}'`;
}

/** @param {Cursor} payload @returns {Report} */
function readReport(payload) {
  const report = new Cursor(payload.take(6, "report"));
  const [score, worst] = [report.signed("report"), report.signed("report")];
  return { score: score / 100, worst: worst / 100, psnr: report.number(2, "report") / 100 };
}

/** @param {Header} header @param {Limits} limits */
function check(header, limits) {
  const { width, height, model, tiling, group } = header;
  within("width", width, 1, MAX_SIDE);
  within("height", height, 1, MAX_SIDE);
  if (tiling) {
    within("view tile", tiling.tile, 1, MAX_SIDE);
    within("tile overlap", tiling.overlap, 0, Math.floor((tiling.tile - 1) / 2));
  }
  if (group !== null) within("group side", group, 1, MAX_SIDE);
  if (header.trained && header.placed) throw badField("header flags", "PLACED or TRAINED, not both", "both");
  const { h, w } = latentSides(header);
  atMost("number of pixels", limits.pixels, width * height);
  atMost("number of latent symbols", limits.symbols, model.channels * h * w);
  atMost("number of groups", limits.groups, groupCount(header));
}

/** @param {string} what @param {number} limit @param {number} found */
export function atMost(what, limit, found) {
  if (found > limit) throw limitExceeded(what, limit, found);
}

/** @param {string} field @param {number} value @param {number} low @param {number} high */
export function within(field, value, low, high) {
  if (!(low <= value && value <= high)) throw badField(field, `${low} to ${high}`, value);
}
