/**
 * The daemon is back, or a model is: pages whose pictures wait try again.
 *
 * In Chromium their content scripts do. In Firefox no script of ours lives in pages; one is sent to those that wait.
 * It asks now and again, and then has their elements load anew. An address once loaded, Firefox gives
 * a document its picture (the placeholder) again without asking anybody, so it loads by an address with a mark,
 * which never leaves the browser: it is redirected to the unmarked one before it is sent.
 */

import { page, waitingTabs } from "./journal.js";

const MARK = "sdz-again";
const MARKED = new RegExp(`[?&]${MARK}=\\d+(?=$|#)`);

let rounds = 0;

export async function revive() {
  for (const tabId of await waitingTabs()) {
    // The tab may be gone meanwhile, or its page have no script of ours any more.
    const tried = chrome.declarativeNetRequest ? chrome.tabs.sendMessage(tabId, { kind: "again" }) : reload(tabId);
    tried.catch(() => {});
  }
}

/** Firefox: a tab's picture waits. @param {number} tabId */
export function keepAsking(tabId) {
  chrome.scripting.executeScript({ target: { tabId }, func: askNowAndAgain }).catch(() => {});
}

/** Firefox: take the mark off before a request is sent. */
export function watchMarks() {
  /** @param {{url: string}} details */
  const unmark = ({ url }) => (MARKED.test(url) ? { redirectUrl: url.replace(MARKED, "") } : {});
  const filter = { urls: [`http://*/*${MARK}=*`, `https://*/*${MARK}=*`], types: ["image", "imageset"] };
  /** @type {any} */ (globalThis).browser.webRequest.onBeforeRequest.addListener(unmark, filter, ["blocking"]);
}

/** @param {number} tabId */
async function reload(tabId) {
  const waiting = (await page(tabId)).pictures.filter(({ state }) => state === "waiting");
  const urls = waiting.map(({ url }) => url);
  rounds += 1;
  const args = /** @type {const} */ ([urls, `${MARK}=${rounds}`]);
  await chrome.scripting.executeScript({ target: { tabId, allFrames: true }, func: loadAgain, args: [...args] });
}

/** Runs beside the page. */
function askNowAndAgain() {
  const own = /** @type {{sdzAsks?: boolean}} */ (globalThis);
  if (own.sdzAsks) return;
  own.sdzAsks = true;
  let waitMs = 2_000;
  const ask = async () => {
    waitMs = Math.min(waitMs * 1.5, 30_000);
    if (document.visibilityState === "visible") {
      const { daemon } = await chrome.runtime.sendMessage({ kind: "waiting" }).catch(() => ({ daemon: "gone" }));
      if (daemon === "found" || daemon === "gone") {
        own.sdzAsks = false;
        return;
      }
    }
    setTimeout(ask, waitMs);
  };
  setTimeout(ask, waitMs);
}

/** Runs beside the page. @param {string[]} urls @param {string} mark */
function loadAgain(urls, mark) {
  const wanted = new Set(urls);
  const plain = (/** @type {string} */ url) => url.replace(/[?&]sdz-again=\d+(?=$|#)/, "");
  /** @param {string} written @param {Node} node */
  const marked = (written, node) => {
    const url = plain(new URL(written, node.baseURI).href);
    if (!wanted.has(url.replace(/#.*/, "")) && !wanted.has(url)) return null;
    return url.replace(/(#.*)?$/, `${url.includes("?") ? "&" : "?"}${mark}$1`);
  };
  /** @param {Element} element @param {string} name */
  const renew = (element, name) => {
    const fresh = element.hasAttribute(name) && marked(element.getAttribute(name) ?? "", element);
    if (fresh) element.setAttribute(name, fresh);
  };
  for (const image of document.querySelectorAll("img")) {
    const fresh = image.currentSrc && marked(image.currentSrc, image);
    // What it chose goes before its other candidates from now on; `src` stays as it was written.
    if (fresh && image.parentElement?.localName !== "picture") image.srcset = fresh;
    else if (fresh) {
      const source = document.createElement("source");
      source.srcset = fresh;
      image.parentElement?.prepend(source);
    }
  }
  for (const input of document.querySelectorAll("input[type=image]")) renew(input, "src");
  for (const video of document.querySelectorAll("video[poster]")) renew(video, "poster");
  for (const image of document.querySelectorAll("image")) {
    renew(image, image.hasAttribute("href") ? "href" : "xlink:href");
  }
}
