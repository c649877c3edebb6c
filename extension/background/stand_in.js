/**
 * Firefox: what stands in a waiting picture's place: a picture of its size with its `alt` and a word on it.
 *
 * Below the page nothing else can be shown: a broken picture would have its `alt` written out by the browser, but fires
 * `error`, and the picture could not come later.
 */

import { placeholder } from "./placeholder.js";

/** The same that content/elements.js says in Chromium. @type {Record<string, string>} */
const WORDS = {
  absent: "needs the sdz daemon, which was not found",
  unpaired: "needs the sdz daemon, which is not paired",
  "token-refused": "pair sdz again",
  "model-missing": "a model is missing",
};
/** A canvas of it takes 32 MB. */
const MOST_PIXELS = 8_000_000;
const MOST_LETTERS = 120;
const ALT_MS = 1000;

/**
 * @param {{width: number, height: number}} size @param {string} code why it waits
 * @param {{tabId: number, frameId: number, url: string}} request of the picture
 * @returns {Promise<Uint8Array | ArrayBuffer>} PNG or GIF
 */
export async function standIn({ width, height }, code, request) {
  if (width * height > MOST_PIXELS) return placeholder(width, height);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) return placeholder(width, height);
  context.fillStyle = "rgb(128 128 128 / 0.15)";
  context.fillRect(0, 0, width, height);
  write(context, [await altOf(request), WORDS[code] ?? "sdz is busy"].filter(Boolean), width, height);
  return (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer();
}

/**
 * Lines in the middle, as large as their place allows: of a large picture that is shown small they are read, too.
 * @param {OffscreenCanvasRenderingContext2D} context @param {string[]} lines @param {number} width @param {number} height
 */
function write(context, lines, width, height) {
  const longest = Math.max(...lines.map((line) => line.length));
  const size = Math.min(height / (3 * lines.length), Math.max(width / (0.6 * longest + 2), height / 24));
  if (size < 6) return;
  context.fillStyle = "#777";
  context.font = `${size}px sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  lines.forEach((line, at) => {
    const y = height / 2 + (at - (lines.length - 1) / 2) * size * 1.4;
    context.fillText(line, width / 2, y, width * 0.95);
  });
}

/** @param {{tabId: number, frameId: number, url: string}} request @returns {Promise<string>} "" where there is none */
async function altOf({ tabId, frameId, url }) {
  if (tabId < 0) return "";
  const find = (/** @type {string} */ wanted) =>
    [...document.images].find((image) => image.currentSrc === wanted || image.src === wanted)?.alt ?? "";
  // At once: a script that waited for the page would wait for this picture.
  const how = { target: { tabId, frameIds: [frameId] }, func: find, args: [url], injectImmediately: true };
  const found = chrome.scripting.executeScript(/** @type {any} */ (how)).catch(() => []);
  const late = new Promise((resolve) => setTimeout(() => resolve([]), ALT_MS));
  const [answer] = /** @type {{result?: unknown}[]} */ (await Promise.race([found, late]));
  return String(answer?.result ?? "").slice(0, MOST_LETTERS);
}
