/**
 * About how large a picture would be as a JPEG that is as close to its source. Pure.
 *
 * From docs/rd.json: lite-1 and JPEG on the same photographs, bytes by score, interpolated (a test holds the two together). Of one
 * picture it says little, of a page's sum more: so it is only ever said of a sum, with "about".
 */

/** Score, bytes of a JPEG for one byte of lite-1. @type {readonly (readonly [number, number])[]} */
export const RATIOS = [
  [-50, 5.4],
  [-30, 4.1],
  [-10, 3.4],
  [10, 2.7],
  [30, 2.2],
  [50, 1.7],
  [65, 1.3],
];

/**
 * @param {number} bytes of a .sdz picture of lite-1 @param {number | null} score that was measured when it was made
 * @returns {number | null} bytes; null where nothing was measured
 */
export function asJpeg(bytes, score) {
  if (score === null) return null;
  for (let at = 1; at < RATIOS.length; at += 1) {
    const [[low, first], [high, second]] = /** @type {[[number, number], [number, number]]} */ ([RATIOS[at - 1], RATIOS[at]]);
    if (score < low || score > high) continue;
    return bytes * (first + ((second - first) * (score - low)) / (high - low));
  }
  return null;
}
