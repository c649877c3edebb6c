/**
 * The kinds of elements that show a picture and say when it fails: what they want, how they are given it.
 *
 * An `img` keeps its `src`: the picture comes in by `srcset`, its own or its `source`'s, so that scripts which
 * read `src` find what they wrote, and the browser goes on choosing among the candidates.
 */

{
  /** @param {string} url @param {Element} element */
  const absolute = (url, element) => {
    try {
      return url ? new URL(url, element.baseURI).href : "";
    } catch {
      return "";
    }
  };

  /** @param {Element} node @param {string} name @param {string} after @returns {SdzPatch} */
  function patch(node, name, after) {
    const before = node.getAttribute(name);
    node.setAttribute(name, after);
    return { node, name, before, after };
  }

  /** Images whose place is held by a style of ours. @type {WeakSet<Element>} */
  const holding = new WeakSet();

  /** @param {Element} element */
  sdz.isHolding = (element) => holding.has(element);

  /** Texts that were taken from images while they are held. @type {WeakMap<Element, string>} */
  const texts = new WeakMap();

  /** Who hears pages goes on hearing the text. @param {HTMLImageElement} element */
  function silence(element) {
    if (!element.alt) return;
    texts.set(element, element.alt);
    if (!element.hasAttribute("aria-label")) element.setAttribute("aria-label", element.alt);
    element.alt = "";
  }

  /** @param {HTMLImageElement} element */
  function speak(element) {
    const text = texts.get(element);
    if (text === undefined) return;
    texts.delete(element);
    if (element.getAttribute("aria-label") === text) element.removeAttribute("aria-label");
    if (element.getAttribute("alt") === "") element.alt = text;
  }

  /** @type {SdzShape} */
  const img = {
    current: (/** @type {HTMLImageElement} */ element) => element.currentSrc || element.src,
    hold(/** @type {HTMLImageElement} */ element, held) {
      const { style } = element;
      if (held) {
        style.setProperty("content", `url("${held.url}")`);
        // A failed image with a text in its place, or without a ratio, heeds no width of its own.
        if (!style.aspectRatio) style.aspectRatio = `${held.width} / ${held.height}`;
        silence(element);
        holding.add(element);
      } else {
        holding.delete(element);
        style.removeProperty("content");
        style.removeProperty("aspect-ratio");
        if (element.getAttribute("style") === "") element.removeAttribute("style");
        speak(element);
      }
      // Resolved by us, it is loaded in our right, and from memory: see styles.js.
      void getComputedStyle(element).content;
      void element.offsetWidth;
    },
    give(/** @type {HTMLImageElement} */ element, url, isOld) {
      // A lazy image is loaded later, in the page's own right, and its policy refuses blobs.
      if (element.loading === "lazy") element.loading = "eager";
      for (const node of [...sourcesOf(element), element]) {
        const fresh = sdz.withCandidate(node.getAttribute("srcset") ?? "", (one) => isOld(absolute(one, node)), url);
        if (fresh !== null) return [patch(node, "srcset", fresh)];
      }
      const others = element.getAttribute("srcset")?.trim();
      return [patch(element, "srcset", others ? `${others}, ${url}` : url)];
    },
  };

  /** @param {HTMLImageElement} element */
  function sourcesOf(element) {
    const parent = element.parentElement;
    return parent?.localName === "picture" ? parent.querySelectorAll(":scope > source[srcset]") : [];
  }

  /** @type {SdzShape} */
  const svgImage = {
    current: (/** @type {SVGImageElement} */ element) => absolute(element.href.baseVal, element),
    give(/** @type {SVGImageElement} */ element, url) {
      const name = element.hasAttribute("href") ? "href" : "xlink:href";
      return [patch(element, name, url)];
    },
  };

  /** @type {SdzShape} */
  const imageInput = {
    current: (/** @type {HTMLInputElement} */ element) => absolute(element.getAttribute("src") ?? "", element),
    give(/** @type {HTMLInputElement} */ element, url) {
      const given = patch(element, "src", url);
      // Once failed, it loads a second time when it turns from its text to its picture, in the
      // page's right, which refuses blobs. A new start as an image input has no such turn.
      element.type = "hidden";
      element.type = "image";
      void element.offsetWidth;
      return [given];
    },
  };

  /** @param {unknown} element @returns {SdzShape | null} */
  sdz.shapeOf = function (element) {
    if (element instanceof HTMLImageElement) return img;
    if (element instanceof SVGImageElement) return svgImage;
    if (element instanceof HTMLInputElement && element.type === "image") return imageInput;
    return null;
  };

  /** Put back what was there, where it is still ours. @param {SdzPatch[]} patches */
  sdz.takeBack = function (patches) {
    for (const { node, name, before, after } of [...patches].reverse()) {
      if (node.getAttribute(name) !== after) continue;
      if (before === null) node.removeAttribute(name);
      else node.setAttribute(name, before);
    }
  };
}
