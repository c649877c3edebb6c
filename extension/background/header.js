/**
 * The first bytes of a `.sdz` file: its signature, and what its header says (docs/format.md).
 *
 * Pure. Enough to know a picture's size, model and score without asking anybody. The checksum is
 * checked too: a size that was damaged on the way must not shape a page.
 */

export const SIGNATURE = Object.freeze([0x89, 0x53, 0x44, 0x5a, 0x0d, 0x0a, 0x1a, 0x0a]);
export const MEDIA_TYPES = Object.freeze(["image/x-sdz", "application/x-sdz"]);

const MODELS = ["lite-1", "sd14", "sd-mse", "sdxl", "taesd", "taesdxl", "taesd3", "taef1"];
const ALPHA = 1;
const REPORT = 2;

/**
 * @typedef {object} Header
 * @property {number} width in pixels
 * @property {number} height in pixels
 * @property {string} model its name
 * @property {boolean} alpha
 * @property {number | null} score SSIMULACRA2 as the encoder measured it, null if it did not
 * @property {number | null} worst the same of the worst tile
 */

/** The bytes are not a `.sdz` file, or a damaged one. */
export class BadFile extends Error {
  /** @param {"not-sdz" | "damaged"} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Whether these bytes begin as a `.sdz` file does. @param {Uint8Array} bytes */
export function isSdz(bytes) {
  return bytes.length >= SIGNATURE.length && SIGNATURE.every((byte, at) => bytes[at] === byte);
}

/** Whether more bytes could still make it one. @param {Uint8Array} bytes */
export function mayBecomeSdz(bytes) {
  return SIGNATURE.slice(0, bytes.length).every((byte, at) => bytes[at] === byte);
}

/**
 * @param {Uint8Array} bytes the file, or as much of its beginning as holds chunk H
 * @returns {Header}
 * @throws {BadFile}
 */
export function readHeader(bytes) {
  if (!isSdz(bytes)) throw new BadFile("not-sdz", "it does not begin as a .sdz file does");
  const chunk = new Reader(bytes, SIGNATURE.length);
  if (chunk.u8() !== 0x48) throw new BadFile("damaged", "its first chunk is not the header");
  const length = chunk.varint();
  const payload = chunk.at;
  chunk.skip(length);
  const crc = chunk.u32();
  if (crc32(bytes.subarray(SIGNATURE.length, payload + length)) !== crc) {
    throw new BadFile("damaged", "the header's checksum does not match");
  }
  const header = new Reader(bytes.subarray(0, payload + length), payload);
  header.u8(); // version: newer ones keep these fields, or the daemon refuses them
  const flags = header.u8();
  const width = header.varint();
  const height = header.varint();
  const number = header.u8();
  let model = MODELS[number - 1] ?? `number ${number}`;
  if (number === 0) {
    model = header.text(header.u8());
    header.varint();
    header.u8();
  }
  header.skip(8 + 2); // weights, step
  const measured = (flags & REPORT) !== 0;
  const score = measured ? header.i16() / 100 : null;
  const worst = measured ? header.i16() / 100 : null;
  if (width < 1 || width > 65535 || height < 1 || height > 65535) {
    throw new BadFile("damaged", `its size is ${width} x ${height}`);
  }
  return { width, height, model, alpha: (flags & ALPHA) !== 0, score, worst };
}

/** Numbers from bytes, little-endian; runs out with BadFile. */
class Reader {
  /** @param {Uint8Array} bytes @param {number} at */
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  u8() {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new BadFile("damaged", "the file ends within its header");
    this.at += 1;
    return byte;
  }

  i16() {
    return ((this.u8() | (this.u8() << 8)) << 16) >> 16;
  }

  u32() {
    return (this.u8() | (this.u8() << 8) | (this.u8() << 16) | (this.u8() << 24)) >>> 0;
  }

  /** 1 to 5 bytes of seven bits, the least significant first. */
  varint() {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new BadFile("damaged", "a number in its header is too long");
  }

  /** @param {number} length */
  skip(length) {
    if (this.at + length > this.bytes.length) {
      throw new BadFile("damaged", "the file ends within its header");
    }
    this.at += length;
  }

  /** @param {number} length */
  text(length) {
    const from = this.at;
    this.skip(length);
    return String.fromCharCode(...this.bytes.subarray(from, this.at));
  }
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 of IEEE 802.3. @param {Uint8Array} bytes */
export function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ /** @type {number} */ (TABLE[(value ^ byte) & 0xff]);
  return (value ^ 0xffffffff) >>> 0;
}
