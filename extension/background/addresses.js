/**
 * How private an address is: public, of a local network, or of this machine. Pure.
 *
 * A page may have us fetch only what is no more private than itself. `URL` has already brought every
 * spelling of an IPv4 address (decimal, octal, hexadecimal, short) into four decimal numbers. What a
 * name resolves to an extension cannot know: a public name that points into a private
 * network passes here, and is held off by the fetch being without cookies and its pixels unreadable.
 */

export const PUBLIC = 0;
export const PRIVATE = 1;
export const LOOPBACK = 2;

/** First byte(s) and how many bits count; PRIVATE unless the third says otherwise. */
const V4 = /** @type {const} */ ([
  ["0.0.0.0", 8, LOOPBACK], // "this host": Linux connects it to loopback
  ["127.0.0.0", 8, LOOPBACK],
  ["10.0.0.0", 8, PRIVATE],
  ["100.64.0.0", 10, PRIVATE], // carrier-grade NAT, also of VPNs
  ["169.254.0.0", 16, PRIVATE], // link-local, where clouds keep their secrets
  ["172.16.0.0", 12, PRIVATE],
  ["192.0.0.0", 24, PRIVATE],
  ["192.168.0.0", 16, PRIVATE],
  ["198.18.0.0", 15, PRIVATE],
  ["224.0.0.0", 3, PRIVATE], // multicast, reserved, broadcast
]);
/** Ends of names that only a local network gives: RFC 6762 and 8375, what routers and clusters hand out. */
const LOCAL_NAMES = [
  "local", "internal", "lan", "home", "corp", "intranet", "private", "home.arpa", "localdomain", "svc", "fritz.box",
];

/**
 * @param {string} address an absolute URL
 * @returns {0 | 1 | 2 | null} null: not http(s), or no URL at all
 */
export function space(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  return hostSpace(url.hostname);
}

/** @param {string} host as `URL.hostname` gives it @returns {0 | 1 | 2} */
export function hostSpace(host) {
  if (host.startsWith("[")) return v6Space(host.slice(1, -1));
  const name = host.toLowerCase().replace(/\.$/, "");
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return v4Space(v4Number(name));
  if (/(^|\.)localhost(\.localdomain)?$/.test(name)) return LOOPBACK;
  // A name without a dot is looked up in the local network's own domain.
  if (!name.includes(".")) return PRIVATE;
  return LOCAL_NAMES.some((end) => name === end || name.endsWith(`.${end}`)) ? PRIVATE : PUBLIC;
}

/** Whether a page may have `target` fetched for it. @param {string} page @param {string} target */
export function mayFetch(page, target) {
  // What Chromium's user may let us: a page of the disk shows what lies there, and no page of the web does.
  if (isFile(target)) return isFile(page);
  const wanted = space(target);
  if (wanted === null) return false;
  return wanted <= (space(page) ?? PUBLIC);
}

/** @param {string} address */
export function isFile(address) {
  return /^file:/i.test(address);
}

/** That one of the pages which may have the least fetched; "" of none. @param {string[]} pages */
export function mostPublic(pages) {
  const order = (/** @type {string} */ page) => space(page) ?? PUBLIC;
  return [...pages].sort((one, other) => order(one) - order(other))[0] ?? "";
}

/** @param {string} text */
function v4Number(text) {
  return text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** @param {number} number @returns {0 | 1 | 2} */
function v4Space(number) {
  for (const [base, bits, is] of V4) {
    const block = 2 ** (32 - bits);
    if (Math.floor(number / block) === Math.floor(v4Number(base) / block)) return is;
  }
  return PUBLIC;
}

/** @param {string} text as `URL` writes it: lower case, shortest @returns {0 | 1 | 2} */
function v6Space(text) {
  const words = v6Words(text);
  const first = /** @type {number} */ (words[0]);
  const upper = words.slice(0, 6);
  const embedded = /** @type {number} */ (words[6]) * 65536 + /** @type {number} */ (words[7]);
  if (upper.every((word) => word === 0)) {
    // ::, ::1, and the old IPv4-compatible form
    return embedded <= 1 ? LOOPBACK : v4Space(embedded);
  }
  const mapped = upper.slice(0, 5).every((word) => word === 0) && upper[5] === 0xffff;
  const translated = upper[0] === 0x64 && upper[1] === 0xff9b; // NAT64
  const siit = upper.slice(0, 4).every((word) => word === 0) && upper[4] === 0xffff && upper[5] === 0; // RFC 7915
  if (mapped || translated || siit) return v4Space(embedded);
  // Tunnels, whose other end is whatever an IPv4 address leads to: Teredo (RFC 4380) has it with all bits
  // turned; ISATAP (RFC 5214) has it under any prefix.
  const teredo = first === 0x2001 && words[1] === 0;
  if (teredo) return morePrivate(v4Space(2 ** 32 - 1 - embedded));
  const isatap = (words[4] === 0 || words[4] === 0x200) && words[5] === 0x5efe;
  if (isatap) return morePrivate(v4Space(embedded));
  if (first === 0x2002) {
    // 6to4
    return v4Space(/** @type {number} */ (words[1]) * 65536 + /** @type {number} */ (words[2]));
  }
  return first >= 0xfc00 ? PRIVATE : PUBLIC; // fc00::/7, fe80::/10, fec0::/10, ff00::/8
}

/** @param {0 | 1 | 2} space @returns {1 | 2} */
function morePrivate(space) {
  return space === LOOPBACK ? LOOPBACK : PRIVATE;
}

/** @param {string} text @returns {number[]} eight numbers of 16 bits */
function v6Words(text) {
  const [left, right] = text.split("::");
  const words = (/** @type {string | undefined} */ half) =>
    (half ? half.split(":") : []).map((word) => parseInt(word, 16));
  const head = words(left);
  if (right === undefined) return head;
  const tail = words(right);
  return [...head, ...new Array(8 - head.length - tail.length).fill(0), ...tail];
}
