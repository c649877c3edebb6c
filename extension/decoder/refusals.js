/**
 * Why a file is not decoded: the names and facts of the package's own errors (daemon/sdz/errors/format.py), so that a page,
 * the extension and the command line call a fault alike. Pure.
 */

/** @typedef {string | number} Fact */

/** @param {number} value @param {number} digits */
const hex = (value, digits) => value.toString(16).padStart(digits, "0");

export class FormatError extends Error {
  /** @param {string} code @param {string} message @param {Record<string, Fact>} [facts] */
  constructor(code, message, facts = {}) {
    super(message);
    this.code = code;
    this.facts = facts;
  }
}

/** @param {Uint8Array} found its first bytes */
export function notSdz(found) {
  const start = Array.from(found.subarray(0, 8), (byte) => hex(byte, 2)).join(" ");
  const words = `not a .sdz file: expected it to start with 89 53 44 5a 0d 0a 1a 0a, found ${start || "nothing"}`;
  return new FormatError("not-sdz", words, { found: start });
}

/** @param {number} found @param {number} supported */
export function unsupportedVersion(found, supported) {
  const words = `format version ${found} is newer than version ${supported}, the latest this sdz reads; update sdz to open it`;
  return new FormatError("unsupported-version", words, { found, supported });
}

/** @param {string} feature */
export function unsupportedFeature(feature) {
  const words = `needs ${feature}, which this sdz does not know; update sdz to open it`;
  return new FormatError("unsupported-feature", words, { feature });
}

/** @param {string} what @param {number} need @param {number} got bytes */
export function truncated(what, need, got) {
  const words = `cut short: ${what} needs ${need} bytes, found ${got}; fetch the file again`;
  return new FormatError("truncated", words, { what, need, got });
}

/** @param {string} what @param {number} count bytes behind it */
export function trailingData(what, count) {
  return new FormatError("trailing-data", `damaged: ${count} bytes follow the end of ${what}`, { what, count });
}

/** @param {string} what @param {number} expected @param {number} found */
export function badChecksum(what, expected, found) {
  const numbers = `expected ${hex(expected, 8)}, found ${hex(found, 8)}`;
  const words = `damaged: checksum of ${what} ${numbers}; fetch the file again`;
  return new FormatError("bad-checksum", words, { what, expected, found });
}

/** @param {string} what @param {number} expected @param {number} found */
export function badSymbols(what, expected, found) {
  const numbers = `expected checksum ${hex(expected, 4)}, found ${hex(found, 4)}`;
  const words = `damaged: decoded symbols of ${what} ${numbers}`;
  return new FormatError("bad-symbols", words, { what, expected, found });
}

/** @param {string} field @param {string} expected @param {Fact} found */
export function badField(field, expected, found) {
  const words = `damaged: ${field} expected ${expected}, found ${found}`;
  return new FormatError("bad-field", words, { field, expected, found });
}

/** @param {string} what @param {number} limit @param {number} found */
export function limitExceeded(what, limit, found) {
  const words = `refused: ${what} is ${found}, the limit is ${limit}`;
  return new FormatError("limit-exceeded", words, { what, limit, found });
}

/** @param {number} stored bytes of streams @param {number} steps that they may take */
export function tooMuchWork(stored, steps) {
  const words = `refused: its ${stored} bytes ask for more than ${steps} steps of decoding: it is damaged, or was made to do harm`;
  return new FormatError("too-much-work", words, { stored, steps });
}

/** @param {string} name of a model @param {string} expected @param {string} found hashes of weights */
export function weightsMismatch(name, expected, found) {
  const words = `${name} has other weights here than the picture wants: expected ${expected}, found ${found}`;
  return new FormatError("weights-mismatch", words, { name, expected, found });
}

/** @param {string} name of a model */
export function modelMissing(name) {
  return new FormatError("model-missing", `only the sdz daemon has the model ${name}`, { name });
}
