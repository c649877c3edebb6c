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
