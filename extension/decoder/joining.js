/** A PNG from its pieces (bands.js): their chunks, an empty last block with the checksum of all rows, and the end. Pure. */

import { crc32 } from "./cursor.js";

/** @typedef {import("./bands.js").Piece} Piece */

const ADLER = 65521;
const END = Uint8Array.of(0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82);

/** @param {Piece[]} pieces from above @returns {Uint8Array<ArrayBuffer>} */
export function joined(pieces) {
  const sum = pieces.reduce((before, { sum: own, bytes }) => adlerOf(before, own, bytes), 1);
  const last = lastChunk(sum);
  const whole = new Uint8Array([...pieces.map(({ png }) => png), last, END].reduce((bytes, { length }) => bytes + length, 0));
  let at = 0;
  for (const part of [...pieces.map(({ png }) => png), last, END]) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Adler-32 of bytes behind others (RFC 1950): a is the sum of all bytes and 1, b that of all a.
 * @param {number} before @param {number} own of `bytes` bytes
 * @param {number} bytes
 */
function adlerOf(before, own, bytes) {
  const [a, b] = [before & 0xffff, before >>> 16];
  const more = a + ADLER - 1; // without the 1 that both begin with
  const sum = (more + (own & 0xffff)) % ADLER;
  return (((b + (own >>> 16) + (bytes % ADLER) * (more % ADLER)) % ADLER) * 65536 + sum) >>> 0;
}

/** @param {number} sum */
function lastChunk(sum) {
  const chunk = new Uint8Array(21);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, 9);
  chunk.set([0x49, 0x44, 0x41, 0x54, 1, 0, 0, 0xff, 0xff], 4);
  view.setUint32(13, sum);
  view.setUint32(17, crc32(chunk.subarray(4, 17)));
  return chunk;
}
