/** A transparent picture of any size in 43 bytes, which keeps a page's layout while its file waits. Pure. */

/** @param {number} width 1 to 65535 @param {number} height 1 to 65535 */
export function placeholder(width, height) {
  // A GIF's screen has a size of its own; its one frame is a single clear pixel of it.
  const low = (/** @type {number} */ value) => [value & 0xff, value >> 8];
  return Uint8Array.from([
    ...[0x47, 0x49, 0x46, 0x38, 0x39, 0x61], // GIF89a
    ...[...low(width), ...low(height), 0x80, 0, 0], // screen, two colours
    ...[0, 0, 0, 0xff, 0xff, 0xff],
    ...[0x21, 0xf9, 4, 1, 0, 0, 0, 0], // colour 0 is clear
    ...[0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0], // the frame: 1 x 1 at 0, 0
    ...[2, 2, 0x44, 1, 0, 0x3b],
  ]);
}
