/**
 * Pictures in fewer pixels, as the daemon makes them (daemon/sdz/engine/images.py): Lanczos' kernel, in integers of 2^-22.
 * Pure.
 */

const LOBES = 3;
const ONE = 2 ** 22;

/** @typedef {{table: Int32Array<ArrayBuffer>, taps: number}} Weights of each place: the first neighbour, then `taps` weights */

/** @param {number} x */
function lanczos(x) {
  if (x === 0) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}

/**
 * What each of `short` places is made of, of `long` ones.
 * @param {number} long @param {number} short at most as many
 * @returns {Weights}
 */
export function weightsOf(long, short) {
  const scale = long / short;
  const taps = Math.min(long, 2 * Math.ceil(LOBES * scale) + 1);
  const table = new Int32Array(short * (taps + 1));
  for (let place = 0; place < short; place += 1) {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.min(Math.floor(centre - LOBES * scale), long - taps));
    const shares = Array.from({ length: taps }, (_, k) => lanczos((first + k + 0.5 - centre) / scale));
    const sum = shares.reduce((total, share) => total + share, 0);
    table.set([first, ...shares.map((share) => Math.round((share / sum) * ONE))], place * (taps + 1));
  }
  return { table, taps };
}

/**
 * The size that has at most `side` pixels on its longer side; null where it is no larger already.
 * @param {number} width @param {number} height @param {number} side 0: any
 */
export function reducedSize(width, height, side) {
  const scale = side / Math.max(width, height);
  if (!(scale > 0 && scale < 1)) return null;
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * Of those weights the ones of the places [from, to), and which of the long ones they are of.
 * @param {Weights} weights @param {number} from @param {number} to
 * @returns {{weights: Weights, first: number, count: number}}
 */
export function between({ table, taps }, from, to) {
  const part = table.slice(from * (taps + 1), to * (taps + 1));
  const first = part[0] ?? 0;
  const last = part[(to - from - 1) * (taps + 1)] ?? 0;
  for (let at = 0; at < part.length; at += taps + 1) part[at] = (part[at] ?? 0) - first;
  return { weights: { table: part, taps }, first, count: last - first + taps };
}
