/**
 * Images of a page whose address is a `.sdz`, and which the browser has failed to show: the preview, then the picture.
 *
 * Only failures are taken up, so wherever something else shows such files (the extension, a browser of later) nothing is
 * done here. And whatever has browsers load an image has it shown: `srcset`, `picture`, `loading=lazy`, elements of later.
 */

import { blank, forget, pictureOf, previewOf, sourceOf } from "./pictures.js";

/**
 * `node` had `before` in its srcset, and has `after` once it is shown.
 * @typedef {{url: string, phase: "held" | "shown", node: Element, before: string | null, after: string}} State
 */

const NAMED = /^[^?#]*\.sdz(\?|#|$)/i;
const CANDIDATE = /\s*([^\s,]\S*[^\s,]|[^\s,])(\s+[\d.]+[wxh])?\s*(?:,|$)/g;

/** @type {WeakMap<HTMLImageElement, State>} */
const states = new WeakMap();
/** Files by the addresses of the blobs that stand for them. @type {Map<string, string>} */
const wanted = new Map();
/** @type {MutationObserver} */
let changes;

export function begin() {
  changes = new MutationObserver((records) => {
    for (const { target } of records) look(target instanceof HTMLImageElement ? target : target.parentElement?.querySelector("img"));
  });
  addEventListener("error", onError, { capture: true });
  document.addEventListener("load", onLoad, { capture: true });
  for (const image of document.images) if (image.complete && !image.naturalWidth) retry(image);
}

/**
 * One that failed before this was here is loaded anew, to fail before our eyes: where the extension is at it already, it is
 * broken too, and the failure is not ours to hear.
 * @param {HTMLImageElement} image
 */
function retry(image) {
  const name = image.hasAttribute("srcset") ? "srcset" : "src";
  if (NAMED.test(image.currentSrc || image.src)) image.setAttribute(name, image.getAttribute(name) ?? "");
}

/** @param {Event} event */
function onError(event) {
  const image = event.target;
  if (image instanceof HTMLImageElement && event.isTrusted && take(image)) event.stopImmediatePropagation();
}

/** What held the picture's place goes when the picture is there. @param {Event} event */
function onLoad(event) {
  const image = event.target;
  const state = image instanceof HTMLImageElement && states.get(image);
  if (state && state.phase === "shown") hold(image, null);
}

/** Keeps an image's place by a style that fires no event. @param {HTMLImageElement} image @param {string | null} address */
function hold(image, address) {
  if (address) image.style.setProperty("content", `url("${address}")`);
  else image.style.removeProperty("content");
  if (image.getAttribute("style") === "") image.removeAttribute("style");
}

/** @param {HTMLImageElement} image @returns {boolean} whether its failure is kept from the page for now */
function take(image) {
  const current = image.currentSrc || image.src;
  const url = wanted.get(current) ?? current;
  if (!NAMED.test(url) || image.dataset["fallback"] === image.getAttribute("src")) return false;
  if (url !== current) forget(url); // its address has been given up meanwhile
  restore(image);
  void show(image, url);
  return true;
}

/** @param {HTMLImageElement} image @param {string} url */
async function show(image, url) {
  const { node, descriptor } = candidateOf(image, url);
  const before = node.getAttribute("srcset");
  /** @type {State} */
  const state = { url, phase: "held", node, before, after: "" };
  states.set(image, state);
  const isWanted = () => states.get(image) === state;
  /** @type {string[]} */
  const passing = [];
  try {
    const source = await sourceOf(url);
    if (!isWanted()) return;
    for (const one of new Set([image, node])) changes.observe(one, { attributeFilter: ["src", "srcset"] });
    passing.push(blank(source));
    hold(image, passing[0] ?? "");
    const made = pictureOf(url, source);
    void previewOf(source).then((preview) => {
      passing.push(preview);
      if (!isWanted() || state.phase === "shown") return;
      hold(image, preview);
    }, () => {});
    const { url: address } = await made;
    if (!isWanted()) return;
    state.phase = "shown";
    state.after = `${address}${descriptor}`;
    wanted.set(address, url);
    node.setAttribute("srcset", state.after);
    changes.takeRecords();
    if (image.loading === "lazy") image.loading = "eager"; // its file was near enough to be loaded
  } catch {
    if (isWanted()) giveUp(image);
  } finally {
    // Not before the browser has turned from them.
    setTimeout(() => passing.forEach((one) => URL.revokeObjectURL(one)), 10_000);
  }
}

/** The page's own way out, or its `error`. @param {HTMLImageElement} image */
function giveUp(image) {
  restore(image);
  const fallback = image.dataset["fallback"];
  if (!fallback) {
    image.dispatchEvent(new Event("error"));
    return;
  }
  image.removeAttribute("srcset");
  if (image.parentElement?.localName === "picture") {
    for (const source of image.parentElement.querySelectorAll(":scope > source")) source.remove();
  }
  image.src = fallback;
}

/**
 * Which element has the address among its candidates, and its descriptor there.
 * @param {HTMLImageElement} image @param {string} url
 * @returns {{node: Element, descriptor: string}}
 */
function candidateOf(image, url) {
  const { parentElement } = image;
  const sources = parentElement?.localName === "picture" ? parentElement.querySelectorAll(":scope > source[srcset]") : [];
  for (const node of [...sources, image]) {
    for (const [, address = "", descriptor = ""] of (node.getAttribute("srcset") ?? "").matchAll(CANDIDATE)) {
      if (URL.canParse(address, document.baseURI) && new URL(address, document.baseURI).href === url) return { node, descriptor };
    }
  }
  return { node: image, descriptor: "" };
}

/** The page has changed what an image is to show. @param {HTMLImageElement | null | undefined} image */
function look(image) {
  const state = image && states.get(image);
  if (!image || !state) return;
  const isOurs = (state.node.getAttribute("srcset") ?? "") === (state.after || (state.before ?? ""));
  const isSame = state.before !== null || new URL(image.src || state.url, document.baseURI).href === state.url;
  if (!isOurs || !isSame) restore(image);
}

/** As the page wrote it. @param {HTMLImageElement} image */
function restore(image) {
  const state = states.get(image);
  if (!state) return;
  states.delete(image);
  hold(image, null);
  if (!state.after || state.node.getAttribute("srcset") !== state.after) return;
  if (state.before === null) state.node.removeAttribute("srcset");
  else state.node.setAttribute("srcset", state.before);
  changes.takeRecords();
}
