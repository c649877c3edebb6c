/** What elements are given: content/live.js, with images that load and are decoded when they are told to. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const PICTURE = { bytes: new ArrayBuffer(8), type: "image/png" };
const SOURCE = { url: "http://gallery.example/a.sdz", hash: "a", width: 3, height: 2, sealed: false };

/** A page, and what became of its images. @param {boolean} [loads] whether they are pictures */
function page(loads = true) {
  /** @type {string[]} */
  const done = [];
  /** @type {string[]} */
  const revoked = [];
  class Image {
    /** @type {() => void} */
    onload = () => {};
    /** @type {() => void} */
    onerror = () => {};
    set src(/** @type {string} */ _url) {
      setTimeout(() => (loads ? this.onload() : this.onerror()), 0);
    }
    async decode() {
      done.push("decoded");
    }
  }
  const URL = { createObjectURL: () => "blob:1", revokeObjectURL: (/** @type {string} */ url) => revoked.push(url) };
  const sdz = /** @type {any} */ ({});
  const context = vm.createContext({ sdz, Image, URL, Blob, setTimeout });
  for (const name of ["bounded", "live"]) {
    vm.runInContext(readFileSync(new globalThis.URL(`../content/${name}.js`, import.meta.url), "utf8"), context);
  }
  return { sdz, done, revoked };
}

test("what is seen is decoded before it is given out, what is not lies in memory as it was sent", async () => {
  const { sdz, done } = page();
  assert.equal((await sdz.liveOf(SOURCE, PICTURE, 0, true)).url, "blob:1");
  assert.deepEqual(done, []);
  assert.equal((await sdz.liveOf({ ...SOURCE, hash: "b" }, PICTURE, 0, false)).url, "blob:1");
  assert.deepEqual(done, ["decoded"]);
});

test("what is no picture is told and let go, seen or not", async () => {
  const { sdz, revoked } = page(false);
  await assert.rejects(sdz.liveOf(SOURCE, PICTURE, 0, true));
  assert.deepEqual(revoked, ["blob:1"]);
});
