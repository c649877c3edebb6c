/**
 * Numbers for people: bytes, percent, counts. Decimal units, as the daemon and file managers use.
 */

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/**
 * @param {number} count bytes, 0 or more
 * @returns {string} three significant digits at most: "512 B", "2.78 kB", "19.1 kB", "335 MB"
 */
export function bytes(count) {
  let value = count;
  let unit = 0;
  // 999.5, not 1000: what would be rounded to "1000 kB" is said as "1 MB".
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const shown = unit === 0 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
  return `${shown} ${UNITS[unit]}`;
}

/**
 * @param {number} done bytes
 * @param {number} total bytes; 0 where it is not known yet
 * @returns {number | null} whole percent, 0 to 100; null where nothing can be said
 */
export function percent(done, total) {
  if (!(total > 0)) return null;
  return Math.max(0, Math.min(100, Math.floor((100 * done) / total)));
}

/**
 * What was saved of `before` bytes, in percent. Never "100 %": something is left.
 * @param {number} now bytes @param {number} before bytes, more than 0
 */
export function savedShare(now, before) {
  const share = 100 * (1 - now / before);
  return `${decimal(share, Math.abs(share) >= 99 ? 1 : 0)} %`.replace("100.0", "99.9");
}

/**
 * With a minus sign, not a hyphen.
 * @param {number} value @param {number} digits after the point
 */
export function decimal(value, digits) {
  const shown = value.toFixed(digits);
  return Number(shown) === 0 ? shown.replace("-", "") : shown.replace("-", "\u2212");
}

/**
 * @param {number} n
 * @param {string} one "picture"
 * @param {string} [many] "pictures"; by default one + "s"
 * @returns {string} "1 picture", "3 pictures"
 */
export function count(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en-GB")} ${n === 1 ? one : many}`;
}
