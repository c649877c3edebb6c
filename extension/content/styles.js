/**
 * Pictures that no event tells of: CSS, video posters, favicons.
 *
 * CSS is changed where it is written, in the rule or the inline style, so that pseudo-elements, hover, media queries
 * and elements of later all follow. A style is resolved at once after the change: resolved by our script, an
 * address is loaded in our right; later, in the page's, whose policy may refuse blobs.
 */

{
  const PROPERTIES = ["background-image", "border-image-source", "list-style-image", "mask-image", "content"];
  /** An option that has been given its picture is of that type no longer. */
  const GIVEN = /(url\("blob:[^"]*"\)[^,]*?)\s*type\("(?:image|application)\/x-sdz"\)/g;
  const OPTIONS = /url\(\s*"(?:[^"\\]|\\.)*"\s*\)[^,]*?type\("(?:image|application)\/x-sdz"\)/g;
  const URLS = /url\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^)\s]*)\s*\)/g;

  /**
   * Show an address in all styles and posters of these roots that name it.
   * @param {string} url @param {() => Iterable<Document | ShadowRoot>} roots
   */
  sdz.showInStyles = async function (url, roots) {
    if (sdz.isForeign(url, false)) return;
    const source = await sdz.sourceOf(url, false);
    if (!source) return;
    let shown = false;
    sdz.enqueue({
      source,
      isWanted: () => !shown,
      distance: () => 0,
      show(live) {
        shown = true;
        for (const root of roots()) showIn(root, live.url, url);
        void document.documentElement.offsetWidth;
      },
      wait: () => {},
      fail: () => sdz.setForeign(url, false),
    });
  };

  /** All addresses that readable styles and posters name. @param {() => Iterable<Document | ShadowRoot>} roots */
  sdz.namedInStyles = function (roots) {
    /** @type {Set<string>} */
    const named = new Set();
    for (const root of roots()) {
      for (const { style, base } of declarationsOf(root)) {
        replaceIn(style, base, (url) => void named.add(url));
      }
      for (const video of root.querySelectorAll("video")) if (video.poster) named.add(video.poster);
    }
    return named;
  };

  /** Addresses that styles offer by their type alone, in image-set(). @param {() => Iterable<Document | ShadowRoot>} roots */
  sdz.offeredInStyles = function (roots) {
    /** @type {Set<string>} */
    const offered = new Set();
    for (const root of roots()) {
      for (const { style, base } of declarationsOf(root)) {
        for (const name of PROPERTIES) {
          const options = style.getPropertyValue(name).match(OPTIONS) ?? [];
          for (const option of options) replaced(option, base, (url) => void offered.add(url));
        }
      }
    }
    return offered;
  };

  /** @param {Document | ShadowRoot} root @param {string} fresh @param {string} url */
  function showIn(root, fresh, url) {
    /** @param {string} one */
    const change = (one) => (one === url ? fresh : undefined);
    let found = false;
    for (const { style, base, element } of declarationsOf(root)) {
      if (!replaceIn(style, base, change)) continue;
      found = true;
      if (element) resolve(element);
    }
    for (const video of root.querySelectorAll("video")) {
      if (video.poster !== url) continue;
      found = true;
      showPoster(video, fresh);
    }
    if (!found) inComputed(root, change);
  }

  /**
   * Where the page writes its styles: rules we may read, and inline styles.
   * @param {Document | ShadowRoot} root
   * @returns {Generator<{style: CSSStyleDeclaration, base: string, element?: Element}>}
   */
  function* declarationsOf(root) {
    for (const sheet of [...root.styleSheets, ...root.adoptedStyleSheets]) {
      yield* declarationsIn(sheet, sheet.href ?? document.baseURI);
    }
    for (const element of root.querySelectorAll("[style*='url('], [style*='/x-sdz']")) {
      if (!(element instanceof HTMLElement || element instanceof SVGElement) || sdz.isHolding(element)) continue;
      yield { style: element.style, base: element.baseURI, element };
    }
  }

  /**
   * @param {CSSStyleSheet | CSSGroupingRule} sheet @param {string} base
   * @returns {Generator<{style: CSSStyleDeclaration, base: string}>}
   */
  function* declarationsIn(sheet, base) {
    let rules;
    try {
      rules = sheet.cssRules;
    } catch {
      return; // another origin's style sheet; see inComputed
    }
    for (const rule of rules ?? []) {
      if (rule instanceof CSSImportRule && rule.styleSheet) {
        yield* declarationsIn(rule.styleSheet, rule.styleSheet.href ?? base);
      }
      if (rule instanceof CSSStyleRule) yield { style: rule.style, base };
      if ("cssRules" in rule) yield* declarationsIn(/** @type {CSSGroupingRule} */ (rule), base);
    }
  }

  /**
   * Change the addresses in a style.
   * @param {CSSStyleDeclaration} style @param {string} base
   * @param {(url: string) => string | undefined | void} change told the address that was written first
   */
  function replaceIn(style, base, change) {
    let found = false;
    for (const name of PROPERTIES) {
      const value = style.getPropertyValue(name);
      if (!value.includes("url(")) continue;
      const changed = replaced(value, base, change);
      if (changed === value) continue;
      style.setProperty(name, changed, style.getPropertyPriority(name));
      found = true;
    }
    return found;
  }

  /**
   * Style sheets we may not read: each element by itself.
   * @param {Document | ShadowRoot} root @param {(url: string) => string | undefined} change
   */
  function inComputed(root, change) {
    for (const element of root.querySelectorAll("*")) {
      if (!(element instanceof HTMLElement || element instanceof SVGElement) || sdz.isHolding(element)) continue;
      const style = getComputedStyle(element);
      for (const name of PROPERTIES) {
        const value = style.getPropertyValue(name);
        if (!value.includes("url(")) continue;
        const changed = replaced(value, document.baseURI, change);
        if (changed === value) continue;
        element.style.setProperty(name, changed, "important");
        resolve(element);
      }
    }
  }

  /** @param {string} value @param {string} base @param {(url: string) => string | undefined | void} change */
  function replaced(value, base, change) {
    return value.replace(URLS, (whole, /** @type {string} */ quoted) => {
      const text = quoted.replace(/^["']|["']$/g, "").replace(/\\(.)/g, "$1");
      let url;
      try {
        url = new URL(text, base).href;
      } catch {
        return whole;
      }
      const fresh = change(sdz.wantedBy(url) ?? url);
      return fresh ? `url("${fresh}")` : whole;
    }).replace(GIVEN, "$1");
  }

  /** Behind the video, which covers it when it plays. @param {HTMLVideoElement} video @param {string} fresh */
  function showPoster(video, fresh) {
    const { style } = video;
    style.setProperty("background", `center / ${getComputedStyle(video).objectFit} no-repeat url("${fresh}")`);
    resolve(video);
    video.addEventListener("playing", () => style.removeProperty("background"), { once: true });
  }

  /** @param {Element} element */
  function resolve(element) {
    void getComputedStyle(element).backgroundImage;
  }

  /** The page's own sign. A sealed one stays as it is: its address would have to lie open. */
  sdz.showFavicons = async function () {
    for (const link of document.querySelectorAll("link[rel~=icon]")) {
      if (!(link instanceof HTMLLinkElement) || link.href.startsWith("data:")) continue;
      if (!/x-sdz/.test(link.type) && !/\.sdz(\?|$)/i.test(link.href)) continue;
      const url = link.href;
      const source = await sdz.sourceOf(url, false);
      if (!source || source.sealed) continue;
      sdz.enqueue({
        source,
        isWanted: () => link.isConnected && link.href === url,
        distance: () => 0,
        show: () => {},
        wait: () => {},
        fail: () => {},
        itself(picture) {
          if (link.href !== url) return;
          link.type = picture.type;
          link.href = sdz.dataUrl(picture);
        },
      });
    }
  };
}
