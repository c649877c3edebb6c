/**
 * How a file is called when it is saved: as its server calls it, else by its address. Pure.
 */

const MOST = 120;
/** Of a query's values these may be part of a name: keys and signatures have no business on a disk. */
const SHORT = 24;

/**
 * The name that a server gives (RFC 6266): `inline; filename="Red door.sdz"`, `filename*=UTF-8''caf%C3%A9.sdz`.
 * @param {string | null} header Content-Disposition
 * @returns {string} "" where it gives none
 */
export function givenName(header) {
  if (!header) return "";
  const wide = /;\s*filename\*\s*=\s*(utf-8|iso-8859-1)'[^']*'([^;\s]+)/i.exec(header);
  const plain = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header);
  let name = plain?.[1]?.replace(/\\(.)/g, "$1") ?? plain?.[2] ?? "";
  if (wide?.[1]?.toLowerCase() === "utf-8" && wide[2]) {
    try {
      name = decodeURIComponent(wide[2]);
    } catch {
      // No UTF-8: the plain one is left.
    }
  }
  // A path in it names a place of the server's, or of ours.
  return fit(name.split(/[/\\]/).at(-1) ?? "");
}

/**
 * A file's name for people and for the disk, by its address.
 * @param {string} url
 * @returns {string} the last part of the path, without what file systems refuse; "picture" where there is none
 */
export function nameOf(url) {
  let last = "";
  try {
    const { protocol, pathname, searchParams } = new URL(url);
    if (protocol === "data:" || protocol === "blob:") return "picture";
    last = decoded(pathname.split("/").at(-1) ?? "");
    // "/image?id=42": all pictures of such a site would have one name.
    if (!/\.\w{1,5}$/.test(last)) {
      const values = [...searchParams.values()].filter((value) => value && value.length <= SHORT);
      last = [last, ...values].filter(Boolean).join("-");
    }
  } catch {
    // An address that cannot be read has no name.
  }
  return fit(last) || "picture";
}

/** @param {string} text part of an address @returns {string} as it is where it is no UTF-8 */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Without what a disk refuses or an eye could be misled by. @param {string} name */
function fit(name) {
  // eslint-disable-next-line no-control-regex -- control characters are what is to be removed
  const plain = name.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069<>:"/\\|?*]/g, "_");
  return plain.replace(/^[.\s]+|[.\s]+$/g, "").slice(0, MOST);
}

/**
 * The same name with another ending.
 * @param {string} name @param {string} ending without the dot
 */
export function renamed(name, ending) {
  const stem = name.replace(/\.[A-Za-z0-9]{1,5}$/, "") || "picture";
  return `${stem}.${ending}`;
}
