/**
 * A frame's beginning: a listener and an observer, and nothing else until a picture fails or the
 * browser reports a file that looks like one of ours. Then the background is asked for the rest.
 *
 * It runs in every page, so it is one small file, and does not touch `chrome` before it has to: setting that
 * up alone takes longer than all that is done here.
 */

globalThis.sdz = /** @type {Sdz} */ ({});

{
  const NAMED = /^[^?#]*\.sdz(\?|$)/i;
  const TYPED = /^(image|application)\/x-sdz$/i;
  const AFTER_LOAD_MS = 200;
  const resting = new AbortController();
  const { signal } = resting;
  /** @type {Element[]} */
  const errors = [];
  /** Addresses, and whether a style asked for them. @type {Map<string, boolean>} */
  const hints = new Map();
  sdz.early = { errors, hints, resting, embedded: false, hinted: wake, observe, error: hold };

  let woken = false;
  /** @type {PerformanceObserver | undefined} */
  let observer;

  function wake() {
    if (woken) return;
    woken = true;
    const asked = chrome.runtime.sendMessage({ kind: "wake" });
    asked.then(({ ok }) => ok || rest(), rest);
  }

  /** Nobody comes: the page gets its errors back. */
  function rest() {
    resting.abort();
    observer?.disconnect();
    for (const element of errors.splice(0)) sdzGiveUp(element) || element.dispatchEvent(new Event("error"));
  }

  /** Of a type that the browser does not know it asks for nothing; of an address alone it asks. @param {Element} element */
  function untype(element) {
    const name = element.localName === "object" ? "data" : "src";
    element.removeAttribute("type");
    element.setAttribute(name, element.getAttribute(name) ?? "");
  }

  /** @param {Event} event */
  function hold(event) {
    const element = event.target;
    if (element instanceof HTMLObjectElement && TYPED.test(element.type)) {
      event.stopImmediatePropagation();
      return untype(element);
    }
    const isPicture =
      element instanceof HTMLImageElement ||
      element instanceof SVGImageElement ||
      (element instanceof HTMLInputElement && element.type === "image");
    if (!isPicture || !event.isTrusted) return;
    event.stopImmediatePropagation();
    errors.push(element);
    wake();
  }

  /**
   * Whether a loaded file may be ours: by its name, or because its type is none that the browser knows and
   * its name says nothing else. Types of other origins' files are not told.
   * @param {PerformanceResourceTiming & {contentType?: string}} entry
   */
  function mayBe(entry) {
    if (!/^(img|image|css|video|input|other)$/.test(entry.initiatorType)) return false;
    if (NAMED.test(entry.name)) return true;
    if (entry.contentType !== "" || entry.responseStatus !== 200) return false;
    return !/\.\w{1,5}$/.test(new URL(entry.name).pathname);
  }

  /** Files within a style sheet are not loaded, nor options of a type, so nothing reports them. @param {HTMLStyleElement} style */
  function holdsOne(style) {
    return /(data:|type\(\s*["'])(image|application)\/x-sdz/.test(style.textContent);
  }

  /** Once the page is there: observing each file on its way costs more than all else here. */
  function observe() {
    if (observer) return;
    observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const resource = /** @type {PerformanceResourceTiming} */ (entry);
        if (!mayBe(resource)) continue;
        const byStyle = !/^(img|image|input)$/.test(resource.initiatorType);
        hints.set(resource.name, byStyle || hints.get(resource.name) === true);
        sdz.early.hinted();
      }
    });
    observer.observe({ type: "resource", buffered: true });
    for (const embed of document.querySelectorAll("embed")) if (TYPED.test(embed.type)) untype(embed);
    if (document.querySelector("[style*='/x-sdz']") || [...document.querySelectorAll("style")].some(holdsOne)) {
      sdz.early.embedded = true;
      sdz.early.hinted();
    }
    const icon = document.querySelector("link[rel~=icon]");
    if (icon instanceof HTMLLinkElement && (NAMED.test(icon.href) || icon.type.includes("x-sdz"))) wake();
  }

  const soon = () => void setTimeout(observe, AFTER_LOAD_MS);
  // Before all listeners of the page, and for good: whoever comes later hears of what we stop.
  addEventListener("error", (event) => sdz.early.error(event), { capture: true, signal });
  if (document.readyState === "complete") soon();
  else addEventListener("load", soon, { once: true, signal });
}
