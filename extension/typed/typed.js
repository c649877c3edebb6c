/**
 * What a page offers by its type, and a browser passes over: `<source type="image/x-sdz">` and `<link rel=preload>`. In every
 * page of both browsers, so one small file.
 *
 * An element is chosen by taking its `type` away: the browser then asks for the address as for any picture, and what shows
 * pictures of addresses shows it. Where that comes to nothing the type is put back, and the browser takes the page's next choice.
 */

{
  const TYPED = /^\s*(image|application)\/x-sdz\b/i;
  /** Their types as the page wrote them. @type {WeakMap<Element, string>} */
  const chosen = new WeakMap();

  /** @param {Element} element */
  function choose(element) {
    const type = element.getAttribute("type") ?? "";
    if (!TYPED.test(type)) return;
    if (element.localName === "link" && !/(^|\s)preload(\s|$)/i.test(element.getAttribute("rel") ?? "")) return;
    chosen.set(element, type);
    element.removeAttribute("type");
  }

  /** @param {MutationRecord[]} records */
  function look(records) {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        if (node.localName === "source" || node.localName === "link") choose(node);
        if (node.firstElementChild) node.querySelectorAll("source[type], link[type]").forEach(choose);
      }
    }
  }

  /**
   * The picture of an element is not to be had: its page's next choice instead. False where it has none.
   * @param {unknown} element
   */
  globalThis.sdzGiveUp = function (element) {
    const picture = element instanceof HTMLImageElement ? element.parentElement : null;
    let found = false;
    for (const source of picture?.localName === "picture" ? picture.querySelectorAll(":scope > source") : []) {
      const type = chosen.get(source);
      if (type === undefined) continue;
      chosen.delete(source);
      source.setAttribute("type", type);
      found = true;
    }
    return found;
  };

  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true });
  if (document.documentElement) document.querySelectorAll("source[type], link[type]").forEach(choose);

  // In Chromium start.js holds errors, until it is known whose they are.
  if (!globalThis.sdz) {
    addEventListener(
      "error",
      (event) => {
        if (event.isTrusted && globalThis.sdzGiveUp(event.target)) event.stopImmediatePropagation();
      },
      { capture: true },
    );
  }
}
