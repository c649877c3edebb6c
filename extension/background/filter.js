/**
 * Firefox: the bytes of a response that begins as a `.sdz` file does are replaced by the picture's.
 *
 * Below the page: elements, styles, events, caches and origins all are as if the server had sent a PNG,
 * and the browser keeps from a page what it always keeps. Of every other picture the first eight bytes are
 * looked at, then the filter steps out of the way.
 *
 * A filter is put on a request before it is sent: of one that a service worker of the page answers, by its cache
 * or by a request of its own, nothing is told afterwards, and no filter is taken any more.
 */

import { isSdz, mayBecomeSdz, MEDIA_TYPES, SIGNATURE } from "./header.js";
import * as journal from "./journal.js";
import * as pictures from "./pictures.js";
import { isPassing, Refusal } from "./refusal.js";
import { keepAsking, watchMarks } from "./revive.js";
import * as sites from "./sites.js";
import { standIn } from "./stand_in.js";
import { viewerKey, viewerPage } from "./viewer.js";

const MOST_BYTES = 64 * 2 ** 20;
const PICTURES = ["image", "imageset", "object"];
const NAMED = /^https?:\/\/[^?#]*\.sdz(\?|#|$)/i;
const UNKNOWN = /^(application\/octet-stream|binary\/octet-stream|text\/plain)?\s*(;|$)/i;

/** Addresses that the viewer has given back, by tab. @type {Set<string>} */
const handedBack = new Set();

/** @typedef {{requestId: string, url: string, tabId: number, frameId: number, type: string, method: string, statusCode: number, documentUrl?: string, frameAncestors?: {url: string}[], responseHeaders?: {name: string, value?: string}[]}} Details */

/** Watch all pictures. */
export function watchResponses() {
  const { webRequest } = firefox();
  const urls = ["http://*/*", "https://*/*"];
  watchMarks();
  webRequest.onBeforeRequest.addListener(onRequest, { urls, types: PICTURES }, ["blocking"]);
  const types = [...PICTURES, "main_frame", "sub_frame", "xmlhttprequest"];
  webRequest.onHeadersReceived.addListener(onHeaders, { urls, types }, ["blocking", "responseHeaders"]);
  webRequest.onBeforeRedirect.addListener(onTaken, { urls, types: ["main_frame"] });
}

/** Let the browser itself open an address in a tab, once. @param {string} url @param {number} tabId */
export function letOpen(url, tabId) {
  handedBack.add(`${tabId} ${url}`);
}

/** Put a filter on a picture's request, for each redirect anew. @param {Details} details @returns {Promise<object>} */
async function onRequest(details) {
  if (details.method === "GET" && (await sites.isOn(siteOf(details)))) replace(details);
  return {};
}

/** @param {Details} details @returns {Promise<object>} */
async function onHeaders(details) {
  if (details.method !== "GET" || details.statusCode !== 200) return {};
  const headers = details.responseHeaders ?? [];
  const type = (valueOf(headers, "content-type") ?? "").trim();
  const typed = MEDIA_TYPES.some((one) => type.toLowerCase().startsWith(one));
  if (!typed && !(NAMED.test(details.url) && UNKNOWN.test(type))) return {};
  if (details.type === "xmlhttprequest" && !isOpaque(details, headers)) return {};
  if (!(await sites.isOn(siteOf(details)))) return {};
  if (details.type === "main_frame") return navigation(details, headers, typed);
  if (details.type === "sub_frame") {
    if (!typed || isAttachment(headers)) return {};
    replace(details);
  }
  // Of another origin's images Firefox blocks what is neither of a type it trusts (SVG is) nor, in the
  // bytes that the server sent, a picture. Its image loader then goes by the bytes it gets.
  const kept = headers.filter(({ name }) => !/^(content-type|x-content-type-options)$/i.test(name));
  const value = /^(sub_frame|object)$/.test(details.type) ? "image/png" : "image/svg+xml"; // frames go by the type
  return { responseHeaders: [...kept, { name: "Content-Type", value }] };
}

/**
 * Whether a service worker asked for it and may not read the answer, so can but pass it on.
 * @param {Details} details @param {{name: string, value?: string}[]} headers
 */
function isOpaque({ tabId, url, documentUrl = "" }, headers) {
  if (tabId >= 0 || !/^https?:/.test(documentUrl)) return false;
  return new URL(documentUrl).origin !== new URL(url).origin && !valueOf(headers, "access-control-allow-origin");
}

/** @param {Details} details @param {{name: string, value?: string}[]} headers @param {boolean} typed */
async function navigation(details, headers, typed) {
  if (isAttachment(headers)) return {};
  if (handedBack.delete(`${details.tabId} ${details.url}`)) return {};
  await view(details, typed);
  return { cancel: true };
}

/** A service worker takes a navigation over: the name is all that is told. @param {Details & {redirectUrl: string}} details */
async function onTaken(details) {
  if (details.statusCode !== 0 || details.redirectUrl !== details.url) return;
  if (details.method !== "GET" || !NAMED.test(details.url) || !(await sites.isOn(siteOf(details)))) return;
  if (!handedBack.delete(`${details.tabId} ${details.url}`)) await view(details, false);
}

/** @param {Details} details @param {boolean} typed */
async function view(details, typed) {
  // A redirect would ask for a viewer that web pages may open; this way none can.
  const viewer = `${viewerPage(await viewerKey(), !typed)}#${details.url}`;
  void chrome.tabs.update(details.tabId, /** @type {any} */ ({ url: viewer, loadReplace: true }));
}

/** @param {Details} details */
function replace(details) {
  const filter = firefox().webRequest.filterResponseData(details.requestId);
  /** @type {Uint8Array[]} */
  const parts = [];
  let length = 0;
  let ours = false;

  filter.ondata = (/** @type {{data: ArrayBuffer}} */ event) => {
    parts.push(new Uint8Array(event.data));
    length += event.data.byteLength;
    if (ours && length <= MOST_BYTES) return;
    const start = joined(parts, ours ? length : Math.min(length, 64));
    if (!ours && isSdz(start)) ours = true;
    else if (ours || !mayBecomeSdz(start.subarray(0, SIGNATURE.length))) pass(filter, parts);
  };
  filter.onstop = async () => {
    if (!ours) return pass(filter, parts);
    filter.write(await pictureFor(joined(parts, length), details));
    filter.close();
  };
}

/** @param {any} filter @param {Uint8Array[]} parts */
function pass(filter, parts) {
  for (const part of parts) filter.write(part);
  filter.disconnect();
}

/** @param {Uint8Array<ArrayBuffer>} data @param {Details} details @returns {Promise<ArrayBuffer | Uint8Array>} */
async function pictureFor(data, details) {
  /** @type {pictures.File | null} */
  let file = null;
  try {
    file = await pictures.take(data);
    const { bytes } = await pictures.picture(file);
    note(details, file, data.length, "shown", "");
    return bytes;
  } catch (error) {
    const code = error instanceof Refusal ? error.code : "unreadable-image";
    if (file && isPassing(code)) {
      note(details, file, data.length, "waiting", code);
      giveUp(details);
      return standIn(file, code, details);
    }
    note(details, file, data.length, "failed", code);
    return data; // no picture to the browser either: the page's own handling of errors
  }
}

/** Where the page offers something else beside it, that is better than a placeholder: typed/typed.js. @param {Details} details */
function giveUp({ tabId, frameId, url }) {
  if (tabId < 0) return;
  const give = (/** @type {string} */ wanted) => {
    for (const image of document.querySelectorAll("picture > img")) {
      if (image instanceof HTMLImageElement && image.currentSrc === wanted) sdzGiveUp(image);
    }
  };
  chrome.scripting.executeScript({ target: { tabId, frameIds: [frameId] }, func: give, args: [url] }).catch(() => {});
}

/**
 * @param {Details} details @param {pictures.File | null} file @param {number} bytes
 * @param {"shown" | "waiting" | "failed"} state @param {string} reason
 */
function note(details, file, bytes, state, reason) {
  if (details.tabId < 0) return;
  const { width = 0, height = 0, model = "", score = null, worst = null } = file ?? {};
  const entry = { url: details.url, bytes, width, height, model, score, worst, state, reason };
  void journal.note(details.tabId, siteOf(details) ?? "", entry);
  if (state === "waiting") keepAsking(details.tabId);
}

/** The origin of the page in the tab. @param {Details} details */
function siteOf({ frameAncestors, documentUrl, url, type }) {
  const top = type === "main_frame" ? url : (frameAncestors?.at(-1)?.url ?? documentUrl);
  try {
    return top && new URL(top).origin;
  } catch {
    return undefined;
  }
}

/** @param {{name: string, value?: string}[]} headers */
function isAttachment(headers) {
  return /^\s*attachment/i.test(valueOf(headers, "content-disposition") ?? "");
}

/** @param {{name: string, value?: string}[]} headers @param {string} wanted */
function valueOf(headers, wanted) {
  return headers.find(({ name }) => name.toLowerCase() === wanted)?.value;
}

/** @param {Uint8Array[]} parts @param {number} length */
function joined(parts, length) {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    if (at >= length) break;
    whole.set(part.subarray(0, length - at), at);
    at += part.length;
  }
  return whole;
}

/** What Chromium's types do not know. @returns {any} */
function firefox() {
  return /** @type {any} */ (globalThis).browser;
}
