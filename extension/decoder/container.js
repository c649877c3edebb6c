/**
 * The framing of `.sdz` files: signature, chunks, checksums, limits, as daemon/sdz/container/chunks.py reads it. Pure.
 *
 * No stream is decoded, and no memory is taken for what a field promises.
 */

import { crc32, Cursor } from "./cursor.js";
import { atMost, groupCount, LIMITS, readHeader, within } from "./header.js";
import { checkScores, readKept } from "./marks.js";
import { badChecksum, badField, notSdz, trailingData, truncated, unsupportedFeature } from "./refusals.js";

/** @typedef {import("./header.js").Header} Header */
/** @typedef {import("./header.js").Limits} Limits */
/** @typedef {{check: number, data: Uint8Array}} Stream a group's bytes, and the check of what they decode to */
/** @typedef {{levels: number, check: number, data: Uint8Array}} Alpha */
/**
 * Bytes are views of what was read. `metadata`: how many bytes of EXIF (m) and XMP (x) there are.
 * @typedef {{header: Header, streams: Stream[], alpha: Alpha | null, metadata: {m?: number, x?: number}, kept: import("./marks.js").Kept | null, mapBytes: number | null, extra: string[]}} File
 */

const SIGNATURE = [0x89, 0x53, 0x44, 0x5a, 0x0d, 0x0a, 0x1a, 0x0a];
const ORDER = "HAmxsk*L";

/**
 * The file whose bytes these are, all of them. Chunks that are not known are left out.
 * @param {Uint8Array} data @param {Limits} [limits]
 * @returns {File}
 * @throws {import("./refusals.js").FormatError}
 */
export function unpack(data, limits = LIMITS) {
  const cursor = new Cursor(data);
  const header = readStart(cursor, limits);
  /** @type {Alpha | null} */
  let alpha = null;
  /** @type {File["metadata"]} */
  const metadata = {};
  /** @type {import("./marks.js").Kept | null} */
  let kept = null;
  /** @type {number | null} */
  let mapBytes = null;
  /** @type {string[]} */
  const extra = [];
  let [before, count, bytes] = ["H", 0, 0];
  for (;;) {
    const { kind, payload } = readChunk(cursor, limits);
    if (kind >= "a") {
      count += 1;
      bytes += payload.left;
      atMost("number of ancillary chunks", limits.ancillaryChunks, count);
      atMost("bytes in ancillary chunks", limits.ancillaryBytes, bytes);
    }
    checkOrder(before, kind);
    before = kind;
    if (kind === "A") alpha = readAlpha(payload);
    if (kind === "m" || kind === "x") {
      if (!payload.left) throw badField(`length of chunk ${kind}`, "at least 1", 0);
      metadata[kind] = payload.left;
    }
    if (kind === "s") mapBytes = checkScores(payload);
    if (placeOf(kind) === "*") extra.push(kind);
    if (kind === "k") kept = readKept(payload, header, limits);
    if (kind !== "L") continue;
    if (cursor.left) throw trailingData("chunk L, the last of a file", cursor.left);
    if (header.alpha !== Boolean(alpha)) throw alphaMismatch(header);
    return { header, streams: readLatents(payload, header), alpha, metadata, kept, mapBytes, extra };
  }
}

/** Its header, from the first 2 KiB of a file. @param {Uint8Array} data @param {Limits} [limits] */
export function peek(data, limits = LIMITS) {
  return readStart(new Cursor(data), limits);
}

/** @param {Cursor} cursor @param {Limits} limits */
function readStart(cursor, limits) {
  const start = cursor.take(Math.min(cursor.left, SIGNATURE.length), "signature");
  if (!start.length || !start.every((byte, at) => byte === SIGNATURE[at])) throw notSdz(start);
  if (start.length < SIGNATURE.length) throw truncated("the signature", SIGNATURE.length, start.length);
  const { kind, payload } = readChunk(cursor, limits);
  if (kind !== "H") throw badField("first chunk", "H", kind);
  return readHeader(payload, limits);
}

/** The next chunk; its CRC is right. @param {Cursor} cursor @param {Limits} limits */
function readChunk(cursor, limits) {
  const start = cursor.at;
  const code = cursor.number(1, "a chunk, as L has not come yet,");
  const kind = String.fromCharCode(code);
  const letter = /^[A-Za-z]$/.test(kind);
  const spelt = `0x${code.toString(16).padStart(2, "0")}`;
  const name = `chunk ${letter ? kind : spelt}`;
  const length = cursor.varint(`length of ${name}`);
  atMost(`length of ${name}`, limits.chunkBytes, length);
  const payload = cursor.take(length, name);
  const found = crc32(cursor.data.subarray(start, cursor.at));
  const expected = cursor.number(4, `checksum of ${name}`);
  // The type is looked at only now: damage should be called damage, not a missing feature.
  if (found !== expected) throw badChecksum(name, expected, found);
  if (!letter) throw badField("chunk type", "an ASCII letter", spelt);
  return { kind, payload: new Cursor(payload) };
}

/** Where a chunk stands in ORDER: * for those of no known type. @param {string} kind */
const placeOf = (kind) => (ORDER.includes(kind) ? kind : "*");

/** @param {string} before @param {string} kind */
function checkOrder(before, kind) {
  if (kind < "a" && !ORDER.includes(kind)) throw unsupportedFeature(`chunk ${kind}`);
  const [earlier, place] = [ORDER.indexOf(placeOf(before)), ORDER.indexOf(placeOf(kind))];
  if (place < earlier || (place === earlier && placeOf(kind) !== "*")) {
    throw badField("order of chunks", "H A m x s k, others, L", `${kind} after ${before}`);
  }
}

/** @param {Cursor} payload @returns {Alpha} */
function readAlpha(payload) {
  const levels = payload.number(1, "alpha levels");
  within("alpha levels", levels, 1, 255);
  return { levels, check: payload.number(2, "symbol check of alpha"), data: payload.rest() };
}

/** @param {Header} header */
function alphaMismatch({ alpha }) {
  const [expected, found] = alpha ? ["a chunk A", "none"] : ["no chunk A", "one"];
  return badField("alpha, by the header's flag,", expected, found);
}

/** @param {Cursor} payload @param {Header} header @returns {Stream[]} */
function readLatents(payload, header) {
  const count = groupCount(header);
  if (count === 1) return [{ check: payload.number(2, "symbol check of the latents"), data: payload.rest() }];
  // A length and a check each, before anything is made of them.
  if (payload.left < 3 * count) throw truncated(`chunk L, with ${count} groups,`, 3 * count, payload.left);
  const streams = [];
  for (let index = 0; index < count; index += 1) {
    const length = payload.varint("length of a stream");
    const check = payload.number(2, "symbol check of a stream");
    streams.push({ check, data: payload.take(length, "a stream") });
  }
  if (payload.left) throw trailingData("the last stream in chunk L", payload.left);
  return streams;
}
