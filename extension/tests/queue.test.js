/** The order of a page's pictures: content/queue.js, with elements that are as far away as they say. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const sleep = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A page whose background answers when it is told to. */
function page() {
  /** @type {{hash: string, answer: (answer: object) => void, canWait: boolean}[]} */
  const asked = [];
  /** @type {string[]} */
  const dropped = [];
  /** @type {string[]} */
  const shown = [];
  /** Given out as what nobody sees soon. @type {string[]} */
  const unseens = [];
  /** @type {Record<string, (event: {type: string}) => void>} */
  const heard = {};
  const document = Object.assign(new EventTarget(), { hidden: false, visibilityState: "visible" });
  const sdz = /** @type {any} */ ({
    REACH: 1,
    off: new AbortController(),
    moved: () => {},
    onMoved: (/** @type {() => void} */ hear) => (sdz.moved = hear),
    liveOf: async (/** @type {{hash: string}} */ { hash }, /** @type {object} */ _picture, /** @type {number} */ _side, /** @type {boolean} */ unseen) => {
      if (unseen) unseens.push(hash);
      return { hash };
    },
    settle: () => {},
    tell(/** @type {string} */ kind, /** @type {{hash: string, canWait: boolean}} */ { hash, canWait }) {
      if (kind === "picture") return new Promise((answer) => asked.push({ hash, answer, canWait }));
      dropped.push(hash);
      for (const one of asked.filter((other) => other.hash === hash)) one.answer({ ok: false, code: "dropped" });
      return Promise.resolve({ ok: true });
    },
  });
  const window = { setTimeout, clearTimeout };
  const addEventListener = (/** @type {string} */ name, /** @type {any} */ hear) => (heard[name] = hear);
  const context = vm.createContext({ sdz, document, window, addEventListener, setTimeout, clearTimeout, performance });
  for (const name of ["bounded", "queue"]) {
    vm.runInContext(readFileSync(new URL(`../content/${name}.js`, import.meta.url), "utf8"), context);
  }
  /** @type {Record<string, number>} */
  const distances = {};
  /** @param {string} hash @param {number} distance */
  const want = (hash, distance) => {
    distances[hash] = distance;
    sdz.enqueue({
      source: { hash, url: hash },
      isWanted: () => !shown.includes(hash),
      distance: () => distances[hash],
      show: () => void shown.push(hash),
      wait: () => {},
      fail: () => {},
    });
  };
  /** @param {string} hash */
  const finish = async (hash) => {
    asked.findLast((one) => one.hash === hash)?.answer({ ok: true, bytes: new ArrayBuffer(1), type: "image/png" });
    await sleep();
  };
  const names = () => asked.map(({ hash }) => hash);
  return { asked, names, dropped, shown, unseens, distances, document, heard, sdz, want, finish };
}

test("the nearest first, four at a time", async () => {
  const { names, want, finish } = page();
  for (const [hash, distance] of /** @type {const} */ ([["e", 0.9], ["c", 0.3], ["a", 0], ["d", 0.5], ["b", 0]])) want(hash, distance);
  await sleep();
  assert.deepEqual(names(), ["a", "b", "c", "d"]);
  await finish("b");
  assert.deepEqual(names(), ["a", "b", "c", "d", "e"]);
});

test("what is out of reach comes when nothing nearer is left, two at a time, and can wait", async () => {
  const { asked, names, want, finish } = page();
  for (const [hash, distance] of /** @type {const} */ ([["hidden", Infinity], ["far", 3], ["farther", 4], ["near", 1]])) want(hash, distance);
  await sleep();
  assert.deepEqual(names(), ["near"]);
  await finish("near");
  assert.deepEqual(names(), ["near", "far", "farther"]);
  assert.deepEqual(asked.map(({ canWait }) => canWait), [false, true, true]);
  await finish("far");
  assert.deepEqual(names(), ["near", "far", "farther", "hidden"]);
});

test("who scrolls has what is near at once: what is far is given up, and comes later", async () => {
  const { names, dropped, shown, distances, sdz, want, finish } = page();
  for (const hash of ["a", "b", "c"]) want(hash, 5);
  await sleep();
  assert.deepEqual(names(), ["a", "b"]);
  distances["c"] = 0;
  sdz.moved();
  await sleep();
  assert.deepEqual(dropped, ["a", "b"]);
  assert.deepEqual(names(), ["a", "b", "c"]);
  await finish("c");
  assert.deepEqual(names(), ["a", "b", "c", "a", "b"]);
  await finish("a");
  await finish("b");
  assert.deepEqual(shown, ["c", "a", "b"]);
});

test("nothing is given up twice, or on a page that moves all the time it would never be there", async () => {
  const { names, dropped, distances, sdz, want, finish } = page();
  for (const [hash, distance] of /** @type {const} */ ([["a", 5], ["b", 5], ["c", 6], ["d", 6]])) want(hash, distance);
  await sleep();
  for (const near of ["c", "d"]) {
    distances[near] = 0;
    sdz.moved();
    await sleep();
    await finish(near);
  }
  assert.deepEqual(names(), ["a", "b", "c", "a", "b", "d"]);
  assert.deepEqual(dropped, ["a", "b"]);
});

test("what has left the view makes room", async () => {
  const { names, dropped, distances, sdz, want } = page();
  for (const hash of ["a", "b", "c", "d", "e"]) want(hash, 0.1);
  await sleep();
  distances["a"] = 8;
  sdz.moved();
  await sleep();
  assert.deepEqual(dropped, ["a"]);
  assert.deepEqual(names(), ["a", "b", "c", "d", "e"]);
});

test("pictures of a tab that nobody sees can wait for all others", async () => {
  const { asked, document, want } = page();
  document.hidden = true;
  for (const hash of ["a", "b", "c"]) want(hash, 0);
  await sleep();
  assert.deepEqual(asked.map(({ hash, canWait }) => [hash, canWait]), [["a", true], ["b", true]]);
});

test("a page that is left asks for nothing, and goes on when it comes back", async () => {
  const { names, dropped, heard, want } = page();
  want("a", 0);
  await sleep();
  heard["pagehide"]?.({ type: "pagehide" });
  await sleep();
  assert.deepEqual(dropped, ["a"]);
  assert.deepEqual(names(), ["a"]);
  heard["pageshow"]?.({ type: "pageshow" });
  await sleep();
  assert.deepEqual(names(), ["a", "a"]);
});

test("whether a picture within reach, or a small one, is still to come", async () => {
  const { sdz, distances, want, finish } = page();
  let come = 0;
  sdz.onCome(() => (come += 1));
  assert.equal(sdz.isBusyInView(), false);
  want("far", 5);
  await sleep();
  assert.equal(sdz.isBusyInView(), false);
  want("near", 0.5);
  await sleep();
  assert.equal(sdz.isBusyInView(), true);
  await finish("near");
  assert.equal(sdz.isBusyInView(), false);
  distances["far"] = 5;
  /** @type {(value: void) => void} */
  let drawn = () => {};
  sdz.letFirst(new Promise((resolve) => (drawn = resolve)), () => true);
  assert.equal(sdz.isBusyInView(), true);
  const before = come;
  drawn();
  await sleep();
  assert.equal(sdz.isBusyInView(), false);
  assert.ok(come > before);
});

test("what nobody sees soon is said to be so when its picture has come", async () => {
  const { want, finish, distances, unseens } = page();
  for (const [hash, distance] of /** @type {const} */ ([["near", 0], ["far", 5], ["farther", 6]])) want(hash, distance);
  await sleep();
  await finish("near");
  distances["farther"] = 0; // it was scrolled to meanwhile
  await finish("far");
  await finish("farther");
  assert.deepEqual(unseens, ["far"]);
});
