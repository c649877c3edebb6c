/**
 * Where the viewer's picture comes from: an address after the page's #, or a file from the disk. Pure.
 */

/**
 * What the part after # asks for.
 * @param {string} hash location.hash: "", or "#" and an address as it was in the address bar
 * @returns {{kind: "nothing"} | {kind: "address", url: string} | {kind: "compress", id: string} | {kind: "bad", text: string}}
 *   `compress`: a picture of a web page, chosen in the context menu
 */
export function readHash(hash) {
  const text = hash.replace(/^#/, "");
  if (!text) return { kind: "nothing" };
  const chosen = /^compress=([\w-]{1,64})$/.exec(text);
  if (chosen?.[1]) return { kind: "compress", id: chosen[1] };
  let url;
  try {
    url = new URL(text);
  } catch {
    return { kind: "bad", text };
  }
  const allowed = ["http:", "https:", "file:"].includes(url.protocol);
  return allowed ? { kind: "address", url: url.href } : { kind: "bad", text };
}

/**
 * A file's name for people and for the disk.
 * @param {string} url
 * @returns {string} the last part of the path, without what file systems refuse; "picture" where there is none
 */
export function nameOf(url) {
  let last = "";
  try {
    const { protocol, pathname } = new URL(url);
    if (protocol === "data:" || protocol === "blob:") return "picture";
    last = pathname.split("/").at(-1) ?? "";
    last = decodeURIComponent(last);
  } catch {
    // An address that cannot be read keeps what was found so far.
  }
  // eslint-disable-next-line no-control-regex -- control characters are what is to be removed
  last = last.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069<>:"/\\|?*]/g, "_");
  last = last.replace(/^[.\s]+|[.\s]+$/g, "").slice(0, 120);
  return last || "picture";
}

/**
 * The same name with another ending.
 * @param {string} name @param {string} ending without the dot
 */
export function renamed(name, ending) {
  const stem = name.replace(/\.[A-Za-z0-9]{1,5}$/, "") || "picture";
  return `${stem}.${ending}`;
}
