/** Who of a page's many elements is looked into first: content/turns.js, with elements that are as far away as they say. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const sleep = () => new Promise((resolve) => setTimeout(resolve, 5));
const MOST = 40;
const NEAR_AT_ONCE = 16;

/** A page of elements that are numbers in its order; `wanted` says which have asked for their turn. */
function page() {
  /** @type {number[]} */
  const begun = [];
  /** @type {Map<number, () => void>} */
  const underWay = new Map();
  /** @type {(() => void)[]} */
  const hearers = [];
  /** @type {{late: () => void, ms: number}[]} */
  const timers = [];
  const state = { busy: false, distance: /** @type {(number: number) => number} */ (() => 0) };
  const sdz = /** @type {any} */ ({
    REACH: 1,
    onMoved: (/** @type {() => void} */ hear) => hearers.push(hear),
    onCome: (/** @type {() => void} */ hear) => hearers.push(hear),
    isBusyInView: () => state.busy,
    distanceOf: (/** @type {{number: number}} */ { number }) => state.distance(number),
  });
  const later = (/** @type {() => void} */ act, /** @type {number} */ ms) => {
    if (!ms) return setTimeout(act, 0);
    return timers.push({ late: act, ms });
  };
  const Node = { DOCUMENT_POSITION_FOLLOWING: 4 };
  const context = vm.createContext({ sdz, window: { setTimeout: later }, setTimeout: later, Node });
  vm.runInContext(readFileSync(new URL("../content/turns.js", import.meta.url), "utf8"), context);
  /** @param {number} number */
  const want = (number) => {
    const element = { number, compareDocumentPosition: (/** @type {{number: number}} */ other) => (number < other.number ? 4 : 2) };
    const look = () => new Promise((/** @type {(value: void) => void} */ done) => {
      begun.push(number);
      underWay.set(number, done);
    });
    return sdz.inTurn(element, look);
  };
  const finish = async () => {
    for (const done of underWay.values()) done();
    underWay.clear();
    await sleep();
  };
  const come = async () => {
    hearers.forEach((hear) => hear());
    await sleep();
  };
  return { begun, state, timers, want, finish, come };
}

/** @param {number} from @param {number} to */
const range = (from, to) => Array.from({ length: to - from }, (_, at) => from + at);

test("a page of few waits for nothing", async () => {
  const { begun, state, want } = page();
  state.busy = true;
  state.distance = () => Infinity;
  for (const number of range(0, MOST)) void want(number);
  await sleep();
  assert.deepEqual(begun, range(0, MOST));
});

test("of many, those further away than a screen wait for what is in view", async () => {
  const { begun, state, want, finish, come } = page();
  state.busy = true;
  state.distance = (number) => (number < 50 ? 0 : 3);
  for (const number of range(0, 200)) void want(number);
  await finish();
  assert.deepEqual(begun, range(0, 50));
  await finish();
  await come();
  assert.equal(begun.length, 50);
  state.busy = false;
  await come();
  assert.deepEqual(begun, range(0, 50 + MOST));
});

test("as long as some have no place, nobody knows who else is near", async () => {
  const { begun, want, state, finish, come } = page();
  state.busy = true;
  for (const number of range(0, 100)) void want(number);
  await come();
  assert.equal(begun.length, MOST);
  await finish();
  assert.equal(begun.length, MOST + NEAR_AT_ONCE);
  await finish();
  assert.equal(begun.length, MOST + 2 * NEAR_AT_ONCE);
});

test("what comes first in the page goes first, whenever its file came", async () => {
  const { begun, want, state, finish } = page();
  state.busy = true;
  for (const number of range(0, 60).reverse()) void want(number);
  await finish();
  assert.deepEqual(begun.slice(MOST), range(0, NEAR_AT_ONCE));
});

test("who comes near by scrolling goes at once", async () => {
  const { begun, want, state, finish, come } = page();
  state.busy = true;
  state.distance = () => 3;
  for (const number of range(0, 100)) void want(number);
  await finish();
  assert.equal(begun.length, MOST);
  state.distance = (number) => (number === 90 ? 0 : 3);
  await come();
  assert.deepEqual(begun.slice(MOST), [90]);
});

test("nobody waits for ever, whatever is in view", async () => {
  const { begun, want, state, timers, finish } = page();
  state.busy = true;
  state.distance = () => 3;
  for (const number of range(0, MOST + 1)) void want(number);
  await finish();
  assert.equal(begun.length, MOST);
  for (const { late } of timers) late();
  await sleep();
  assert.equal(begun.length, MOST + 1);
});

test("all of a page come in the end, and what fails holds nobody up", async () => {
  const { begun, want, state, finish } = page();
  state.distance = () => 3;
  for (const number of range(0, 200)) void want(number);
  for (let round = 0; round < 10; round += 1) await finish();
  assert.deepEqual([...begun].sort((one, other) => one - other), range(0, 200));
});

test("one after the other, all go at once", async () => {
  const { begun, want, finish } = page();
  for (const number of range(0, 3 * MOST)) {
    void want(number);
    await finish();
    await finish();
    assert.equal(begun.length, number + 1);
  }
});
