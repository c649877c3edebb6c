/**
 * Blobs that elements can be given, and what the page may learn from them.
 *
 * A blob made here has the page's origin. Two properties of Chromium keep a *sealed* picture's pixels
 * from the page: an SVG image that holds a `foreignObject` taints every canvas it is drawn to, and an
 * image already in the document's memory cache is shown synchronously. So the blob is loaded by an image
 * that the page cannot see, given to the element, and revoked before any script of the page can
 * run: its address is dead when the page first reads it. That the canvas is tainted is tried each time; if
 * it were not, the picture is not shown.
 */

{
  const MOST_BYTES = 32 * 2 ** 20;
  const SVG = "http://www.w3.org/2000/svg";

  /** The address an element wanted, by the blob address it was given; also of dead ones. */
  const wanted = new sdz.Bounded(4000, () => 1);
  /** Open pictures that can be given out again; let go, their address dies. */
  const open = new sdz.Bounded(MOST_BYTES, (live) => live.weight, (live) => URL.revokeObjectURL(live.url));

  /** @param {string} url */
  sdz.wantedBy = (url) => /** @type {string | undefined} */ (wanted.get(url));

  /**
   * A picture that can be given to elements at once, in the same run of the script as `sdz.settle`.
   * @param {SdzSource} source @param {SdzPicture} picture @param {number} side its longer side, 0 for that of the file
   * @param {boolean} [unseen] whether nobody will see it soon: decoded it would lie in memory, as many megabytes as megapixels, four times
   * @returns {Promise<SdzLive>}
   */
  sdz.liveOf = async function (source, picture, side, unseen = false) {
    const name = `${source.hash} ${side}`;
    if (!source.sealed) {
      const known = open.get(name);
      // Another address of the same file is remembered for what is shown by it.
      if (known) return known;
    }
    const live = await shaped(source, picture, source.sealed, side !== 0, unseen && !source.sealed);
    if (!source.sealed) open.set(name, { ...live, weight: picture.bytes.byteLength });
    return live;
  };

  /**
   * A picture of less than the file's size, in a frame of that size. It is given out once.
   * @param {SdzSource} source @param {SdzPicture} picture
   * @returns {Promise<SdzLive>}
   */
  sdz.previewOf = async function (source, picture) {
    return source.sealed ? shaped(source, picture, true, true) : written(framed(source, picture, false));
  };

  /** @param {SdzSource} source @param {SdzPicture} picture @param {boolean} sealed @param {boolean} small @param {boolean} [unseen] */
  async function shaped(source, picture, sealed, small, unseen = false) {
    const blob =
      sealed || small
        ? new Blob([framed(source, picture, sealed)], { type: "image/svg+xml" })
        : new Blob([picture.bytes], { type: picture.type });
    const live = await load(blob, source.url, sealed, unseen);
    if (sealed && !isTainted(live.image)) {
      URL.revokeObjectURL(live.url);
      throw new Error("the browser would let the page read it");
    }
    return live;
  }

  /**
   * An element could not show this address (again, in the page's right): it gets another next time,
   * since the same one would not be tried anew.
   * @param {string} url
   */
  sdz.retire = function (url) {
    for (const [hash, live] of open.map) if (live.url === url) open.delete(hash);
  };

  /** An empty picture of a file's size, with a word on it. @param {SdzSource} source @param {string} words */
  sdz.placeholderOf = function (source, words) {
    const { width, height } = source;
    const size = Math.max(10, Math.min(16, width / (words.length * 0.6 + 2)));
    const fits = words && width >= words.length * 5 && height >= 24;
    const text = fits
      ? `<text x="50%" y="50%" fill="#777" font-family="sans-serif" font-size="${size}" text-anchor="middle" dominant-baseline="middle">${words}</text>`
      : "";
    const svg = `<svg xmlns="${SVG}" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#808080" fill-opacity=".15"/>${text}</svg>`;
    return written(svg);
  };

  /**
   * What a page may read stands in its own address. A blob, and its address, are made by another process, for which
   * all of this page waits: 2 to 5 ms each while it loads.
   * @param {string} svg @returns {Promise<SdzLive>}
   */
  async function written(svg) {
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    await image.decode();
    return { url: image.src, image, once: false };
  }

  /** To be called in the run in which a live picture was given out. @param {SdzLive} live */
  sdz.settle = function (live) {
    if (live.once) URL.revokeObjectURL(live.url);
  };

  /** @param {Blob} blob @param {string} from @param {boolean} sealed @param {boolean} unseen @returns {Promise<SdzLive>} */
  async function load(blob, from, sealed, unseen) {
    const url = URL.createObjectURL(blob);
    const image = new Image();
    image.src = url;
    try {
      await (unseen ? loaded(image) : image.decode());
    } catch (error) {
      URL.revokeObjectURL(url);
      throw error;
    }
    wanted.set(url, from);
    return { url, image, once: sealed };
  }

  /** @param {HTMLImageElement} image @returns {Promise<unknown>} */
  function loaded(image) {
    return new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = () => reject(new Error("no picture"));
    });
  }

  /** An SVG. @param {SdzSource} source @param {SdzPicture} picture @param {boolean} sealed */
  function framed({ width, height }, picture, sealed) {
    const size = `width="${width}" height="${height}"`;
    const image = `<image ${size} preserveAspectRatio="none" href="${sdz.dataUrl(picture)}"/>`;
    const seal = sealed ? '<foreignObject width="0" height="0"/>' : "";
    return `<svg xmlns="${SVG}" ${size} viewBox="0 0 ${width} ${height}">${image}${seal}</svg>`;
  }

  /** @param {SdzPicture} picture @returns {string} */
  sdz.dataUrl = ({ bytes, type }) => `data:${type};base64,${/** @type {any} */ (new Uint8Array(bytes)).toBase64()}`;

  /** @param {HTMLImageElement} image */
  function isTainted(image) {
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    if (!context) return false;
    context.drawImage(image, 0, 0, 1, 1);
    try {
      context.getImageData(0, 0, 1, 1);
      return false;
    } catch {
      return true;
    }
  }
}
