/**
 * The integers of a `.sdz` file: little-endian fixed widths and varints, read inside bounds; and its CRC-32. Pure.
 */

import { badField, truncated } from "./refusals.js";

const VARINT_BYTES = 5;
const VARINT_MAX = 2 ** 32 - 1;

/** Walks through bytes without copying them; every read names what it reads. */
export class Cursor {
  /** @param {Uint8Array} data */
  constructor(data) {
    this.data = data;
    this.at = 0;
  }

  /** Bytes not read yet. */
  get left() {
    return this.data.length - this.at;
  }

  /** The next bytes, as a view. @param {number} count @param {string} what */
  take(count, what) {
    if (count > this.left) throw truncated(what, count, this.left);
    this.at += count;
    return this.data.subarray(this.at - count, this.at);
  }

  /** All that is left, as a view. */
  rest() {
    return this.take(this.left, "the rest");
  }

  /** An unsigned number of `width` bytes. @param {number} width @param {string} what */
  number(width, what) {
    return this.take(width, what).reduceRight((value, byte) => value * 256 + byte, 0);
  }

  /** Two bytes as a number below 0, too. @param {string} what */
  signed(what) {
    return (this.number(2, what) << 16) >> 16;
  }

  /** A varint, 0 to 2^32 - 1, in its shortest form. @param {string} what */
  varint(what) {
    const start = this.at;
    let value = 0;
    for (let index = 0; index < VARINT_BYTES; index += 1) {
      const byte = this.number(1, what);
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte >= 0x80) continue;
      if (value <= VARINT_MAX && (byte || !index)) return value;
      break;
    }
    const found = Array.from(this.data.subarray(start, this.at), (byte) => byte.toString(16).padStart(2, "0"));
    throw badField(what, "a varint below 2^32 in its shortest form", found.join(" "));
  }
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 of IEEE 802.3. @param {Uint8Array} bytes @param {number} [before] of the bytes before these */
export function crc32(bytes, before = 0) {
  let value = before ^ 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ /** @type {number} */ (TABLE[(value ^ byte) & 0xff]);
  return (value ^ 0xffffffff) >>> 0;
}
