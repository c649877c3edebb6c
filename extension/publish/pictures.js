/**
 * A page's own decoder: an address to a picture, by way of workers that run this same module. All is fetched with the first
 * picture: the library, and the weights once for all workers.
 */

import { peek } from "../decoder/container.js";
import { Pool } from "../decoder/pool.js";

/** @typedef {{width: number, height: number, data: Uint8Array<ArrayBuffer>}} Source */
/** @typedef {{url: string, bytes: number}} Shown */

const MOST_KEPT = 48 * 2 ** 20;
const MOST_WORKERS = 4;
const BASE = import.meta.url;

/** Pictures by the addresses of their files, the one used longest ago first. @type {Map<string, Promise<Shown>>} */
const shown = new Map();
let kept = 0;

const pool = new Pool({
  spawn: () => new Worker(BASE, { type: "module" }),
  assets: async () => {
    const [wasm, weights] = await Promise.all([part("sdz.wasm"), part("lite-1.weights.gz").then(inflated)]);
    return { wasm, weights };
  },
  most: Math.max(1, Math.min(navigator.hardwareConcurrency, MOST_WORKERS)),
});

/** @param {string} name @returns {Promise<ArrayBuffer>} */
async function part(name) {
  const response = await fetch(new URL(name, BASE));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response.arrayBuffer();
}

/** Servers may have told the browser to do it already. @param {ArrayBuffer} data */
function inflated(data) {
  const [first, second] = new Uint8Array(data);
  if (first !== 0x1f || second !== 0x8b) return data;
  return new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** A file, from the browser's cache where it has it. @param {string} url @returns {Promise<Source>} */
export async function sourceOf(url) {
  const response = await fetch(url, { cache: "force-cache" });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const data = new Uint8Array(await response.arrayBuffer());
  const { width, height } = peek(data);
  return { width, height, data };
}

/** Its preview in the picture's own size. @param {Source} source @returns {Promise<string>} an address, to be revoked */
export async function previewOf({ width, height, data }) {
  const png = await pool.run("preview", data);
  let text = "";
  for (const byte of png) text += String.fromCharCode(byte);
  return blank({ width, height }, `<image href="data:image/png;base64,${btoa(text)}" width="100%" height="100%" preserveAspectRatio="none"/>`);
}

/** Nothing, in a picture's size. @param {{width: number, height: number}} size @param {string} [within] */
export function blank({ width, height }, within = "") {
  const box = `width="${width}" height="${height}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${box}>${within}</svg>`;
  return URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
}

/** Its picture; the same address as long as it is kept. @param {string} url @param {Source} source @returns {Promise<Shown>} */
export function pictureOf(url, source) {
  const known = shown.get(url);
  shown.delete(url);
  const made = known ?? make(source);
  shown.set(url, made);
  if (!known) made.then(settle, () => shown.delete(url));
  return made;
}

/** @param {string} url */
export function forget(url) {
  const made = shown.get(url);
  shown.delete(url);
  made?.then(drop, () => {});
}

/** @param {Source} source @returns {Promise<Shown>} */
async function make({ data }) {
  const png = await pool.run("decode", data);
  return { url: URL.createObjectURL(new Blob([png], { type: "image/png" })), bytes: png.length };
}

/** @param {Shown} made */
function settle({ bytes }) {
  kept += bytes;
  for (const url of shown.keys()) {
    if (kept <= MOST_KEPT || shown.size === 1) return;
    forget(url);
  }
}

/** @param {Shown} made */
function drop({ url, bytes }) {
  kept -= bytes;
  URL.revokeObjectURL(url);
}
