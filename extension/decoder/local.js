/**
 * Workers of a page that may have workers: the extension's background in Firefox, its offscreen document in Chromium.
 */

import { Pool } from "./pool.js";

const MOST = 8;

/** @typedef {import("./pool.js").Assets} Assets */

/** @param {string} name of a file beside this one @returns {Promise<ArrayBuffer>} */
async function part(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response.arrayBuffer();
}

/** @returns {Promise<Assets>} */
async function assets() {
  const [wasm, weights] = await Promise.all([part("decoder.wasm"), part("lite-1.weights")]);
  return { wasm, weights };
}

/** A pool with a worker a core. @param {() => void} [idle] called when its workers were ended for want of work */
export function localPool(idle) {
  const spawn = () => new Worker(new URL("serving.js", import.meta.url), { type: "module" });
  const most = Math.max(1, Math.min(navigator.hardwareConcurrency, MOST));
  return new Pool({ spawn, assets, most, idle });
}
