/**
 * What lies behind an address: a `.sdz` file, or none of ours.
 *
 * The page's own way is tried first: a fetch under its origin and CORS, answered from the cache that the
 * image's own request filled. Where CORS keeps the page from the bytes, the background fetches them
 * without cookies, and the picture is *sealed*: shown, but unreadable to the page (live.js).
 */

{
  const SIGNATURE = [0x89, 0x53, 0x44, 0x5a, 0x0d, 0x0a, 0x1a, 0x0a];
  const MOST_BYTES = 64 * 2 ** 20;

  /** Addresses already judged in this document; a promise of a source, or of null. */
  const judged = new sdz.Bounded(2000, () => 1);
  const foreign = new Set();

  /** Whether an address may be ours at all. @param {string} url */
  sdz.mayBeOurs = function (url) {
    return /^(https?:|blob:|file:)/.test(url) || /^data:((image|application)\/x-sdz|application\/octet-stream)[;,]/.test(url);
  };

  /** @param {string} url @param {boolean} cors whether the element insists on CORS */
  sdz.isForeign = function (url, cors) {
    return foreign.has(keyOf(url, cors));
  };

  /** @param {string} url @param {boolean} cors */
  sdz.setForeign = function (url, cors) {
    // As bounded as the other: a page may make broken addresses without end.
    if (foreign.size >= 2000) foreign.clear();
    foreign.add(keyOf(url, cors));
    judged.delete(keyOf(url, cors));
  };

  /**
   * The source at an address, judged once in a document.
   * @param {string} url @param {boolean} cors @param {boolean} [soon] whether its preview will be wanted
   * @returns {Promise<SdzSource | null>}
   */
  sdz.sourceOf = function (url, cors, soon = false) {
    const key = keyOf(url, cors);
    return judged.get(key) ?? judged.set(key, judge(url, cors, soon));
  };

  /** The background has forgotten the file. @param {SdzSource} source */
  sdz.sourceAgain = function (source) {
    judged.delete(keyOf(source.url, false));
    judged.delete(keyOf(source.url, true));
    return sdz.sourceOf(source.url, !source.sealed);
  };

  /** @param {string} url @param {boolean} cors */
  const keyOf = (url, cors) => (cors ? `cors ${url}` : url);

  /** @param {string} url @param {boolean} cors @param {boolean} soon @returns {Promise<SdzSource | null>} */
  async function judge(url, cors, soon) {
    const found = await readable(url);
    let sealed = false;
    /** @type {ArrayBuffer | undefined} */
    let bytes;
    if (found === "unreadable") {
      // An image that asks for CORS and does not get it is broken by the page's own wish.
      if (cors || !(await reachable(url))) return none(url, cors);
      sealed = true;
    } else if (found === "foreign") {
      return none(url, cors);
    } else {
      bytes = found;
    }
    const answer = await sdz.tell("look", bytes ? { url, soon, bytes } : { url, soon });
    if (answer.ok) return { url, hash: answer.hash, width: answer.width, height: answer.height, sealed };
    if (answer.code === "site-off") sdz.off.abort();
    return none(url, cors);
  }

  /** @param {string} url @param {boolean} cors */
  function none(url, cors) {
    sdz.setForeign(url, cors);
    return null;
  }

  /** @param {string} url @returns {Promise<ArrayBuffer | "foreign" | "unreadable">} */
  async function readable(url) {
    let response;
    try {
      const init = /** @type {const} */ ({ mode: "cors", credentials: "same-origin", cache: "force-cache" });
      response = await fetch(url, { ...init, signal: sdz.off.signal });
    } catch {
      return "unreadable";
    }
    const reader = response.body?.getReader();
    if (!reader) return "foreign";
    /** @type {Uint8Array[]} */
    const parts = [];
    let length = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (value) {
          parts.push(value);
          length += value.length;
        }
        const judgeable = done || length >= SIGNATURE.length;
        if ((judgeable && !isSdz(parts)) || length > MOST_BYTES) {
          void reader.cancel();
          return "foreign";
        }
        if (done) return joined(parts, length);
      }
    } catch {
      return "foreign";
    }
  }

  /** Not by a Blob: those are another process's, for which the page would wait (live.js). @param {Uint8Array[]} parts @param {number} length */
  function joined(parts, length) {
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole.buffer;
  }

  /** @param {Uint8Array[]} parts */
  function isSdz(parts) {
    const start = parts.flatMap((part) => [...part.subarray(0, SIGNATURE.length)]).slice(0, SIGNATURE.length);
    return SIGNATURE.every((byte, at) => start[at] === byte);
  }

  /**
   * Whether the page itself gets an answer there. What is blocked for it, by another extension
   * say, must not be fetched by us behind its back.
   * @param {string} url
   */
  async function reachable(url) {
    if (/^file:/.test(url)) return location.protocol === "file:"; // the browser shows it, and lets no script read it
    if (!/^https?:/.test(url) || new URL(url).origin === location.origin) return false;
    try {
      const init = /** @type {const} */ ({ mode: "no-cors", credentials: "include", cache: "force-cache" });
      const response = await fetch(url, { ...init, signal: sdz.off.signal });
      void response.body?.cancel();
      return true;
    } catch {
      return false;
    }
  }
}
