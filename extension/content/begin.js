/**
 * The page side takes over from start.js: what was held there is taken up, what was hinted at is followed.
 *
 * Errors inside shadow trees do not reach the document, and pictures of styles have no events at all. The
 * browser's own record of what was loaded tells of both; only then are shadow roots searched and styles read.
 */

{
  const { signal } = sdz.off;
  const BY_EVENT_MS = 100;
  const { hints, errors, resting } = sdz.early;
  /** @type {Set<ShadowRoot>} */
  const roots = new Set();
  let timer = 0;

  sdz.early.hinted = () => {
    // What an element has failed to show has come by its event by then.
    if (!timer) timer = window.setTimeout(follow, BY_EVENT_MS);
  };

  function follow() {
    timer = 0;
    const urls = [...hints];
    hints.clear();
    if (signal.aborted) return;
    watchResize();
    findRoots(document);
    for (const root of allRoots()) sdz.sweep(root);
    // What an element and a style both name is loaded, and told, only once.
    const named = sdz.namedInStyles(allRoots);
    const within = [...named].filter((url) => sdz.early.embedded && /^data:(image|application)\/x-sdz/.test(url));
    for (const url of within) void sdz.showInStyles(url, allRoots);
    for (const url of sdz.offeredInStyles(allRoots)) void sdz.showInStyles(url, allRoots);
    for (const [url, byStyle] of urls) {
      if (byStyle || named.has(url) || !sdz.isSeen(url)) void sdz.showInStyles(url, allRoots);
    }
  }

  let resizes = false;

  /** A page of ours that is resized chooses other candidates, and says nothing when they fail. */
  function watchResize() {
    if (resizes) return;
    resizes = true;
    let timer = 0;
    const later = () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        for (const root of allRoots()) sdz.sweep(root);
      }, BY_EVENT_MS);
    };
    addEventListener("resize", later, { signal, passive: true });
  }

  function* allRoots() {
    yield document;
    yield* roots;
  }

  /** @param {Document | ShadowRoot} within */
  function findRoots(within) {
    for (const element of within.querySelectorAll("*")) {
      if (!(element instanceof HTMLElement)) continue;
      const root = chrome.dom.openOrClosedShadowRoot(element);
      if (!root) continue;
      if (!roots.has(root)) {
        roots.add(root);
        sdz.listenIn(root);
      }
      findRoots(root);
    }
  }

  signal.addEventListener("abort", () => resting.abort());
  sdz.takeOver();
  for (const element of errors.splice(0)) sdz.takeUp(element);
  sdz.early.observe();
  if (hints.size || sdz.early.embedded) sdz.early.hinted();

  const looked = () => void sdz.showFavicons();
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", looked, { once: true, signal });
  else looked();

  /** @type {Parameters<typeof chrome.runtime.onMessage.addListener>[0]} */
  const hear = (message, sender) => {
    if (sender.id === chrome.runtime.id && message?.kind === "again") sdz.again();
  };
  chrome.runtime.onMessage.addListener(hear);
}
