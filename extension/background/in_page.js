/**
 * Functions that menus.js has run in a page, in the extension's own world there.
 *
 * Each is sent as its source text: nothing outside its own body exists for it. Bytes go as base64, since
 * Chromium carries arguments and results as JSON.
 */

/**
 * Reads a picture as its page may: same origin with cookies, others by CORS.
 * @param {string} src of the element; of pictures that we replaced, our own blob's
 * @returns {Promise<{url: string, type: string, disposition?: string | null, data: string}>} `data`: base64, "" where the page may not
 *   read it; `disposition`: the header of that name
 */
export async function readHere(src) {
  /** @type {{wantedBy?: (src: string) => string | undefined} | undefined} */
  const ours = /** @type {any} */ (globalThis).sdz;
  const url = ours?.wantedBy?.(src) ?? src;
  try {
    const response = await fetch(url, { cache: "force-cache" });
    if (!response.ok) return { url, type: "", data: "" };
    const blob = await response.blob();
    /** @type {string} */
    const address = await new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(blob);
    });
    const disposition = response.headers.get("Content-Disposition");
    return { url, type: blob.type, disposition, data: address.slice(address.indexOf(",") + 1) };
  } catch {
    return { url, type: "", data: "" };
  }
}

/** The address of a picture's file. @param {string} src of the element; of pictures that we replaced, our own blob's */
export function addressHere(src) {
  /** @type {{wantedBy?: (src: string) => string | undefined} | undefined} */
  const ours = /** @type {any} */ (globalThis).sdz;
  return ours?.wantedBy?.(src) ?? src;
}

/**
 * Saves bytes as a file. The link is never part of the page, and the page never learns its address.
 * @param {string} data base64 @param {string} type @param {string} name
 */
export function saveHere(data, type, name) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Begins to write a picture that is still to come: a page may only begin within seconds of the user's click,
 * and decoding can take longer.
 */
export function beginCopyHere() {
  /** @type {(png: Blob | null) => void} */
  let deliver = () => {};
  const png = new Promise((resolve, reject) => {
    deliver = (blob) => (blob ? resolve(blob) : reject(new Error("there is no picture")));
  });
  png.catch(() => {}); // said by `done`
  const write = async () => navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
  const done = write().then(
    () => true,
    () => false,
  );
  /** @type {any} */ (globalThis).sdzCopying = { deliver, done };
}

/**
 * @param {string} data base64 of the PNG, "" where there is none
 * @returns {Promise<boolean>} whether it is in the clipboard; false also on pages that have no clipboard
 */
export async function endCopyHere(data) {
  const copying = /** @type {any} */ (globalThis).sdzCopying;
  if (!copying) return false;
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  copying.deliver(data ? new Blob([bytes], { type: "image/png" }) : null);
  return copying.done;
}
