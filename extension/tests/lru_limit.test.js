import assert from "node:assert/strict";
import { test } from "node:test";
import { Limit, Once } from "../background/limit.js";
import { Lru } from "../background/lru.js";

test("the entry used longest ago goes first", () => {
  const lru = new Lru(10, (/** @type {number} */ value) => value);
  lru.set("a", 4);
  lru.set("b", 4);
  lru.get("a");
  lru.set("c", 4);
  assert.deepEqual([...lru.entries.keys()], ["a", "c"]);
  assert.equal(lru.weight, 8);
  lru.set("a", 1);
  assert.equal(lru.weight, 5);
});

test("what alone is too heavy is not kept, and drives nothing out", () => {
  const lru = new Lru(10, (/** @type {number} */ value) => value);
  lru.set("a", 4);
  lru.set("b", 11);
  assert.deepEqual([...lru.entries.keys()], ["a"]);
});

test("no more tasks at once than the limit, in order, also after failures", async () => {
  const limit = new Limit(2);
  let now = 0;
  let most = 0;
  /** @type {number[]} */
  const begun = [];
  const task = (/** @type {number} */ n) => async () => {
    begun.push(n);
    most = Math.max(most, (now += 1));
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    if (n % 2) throw new Error("odd");
    return n;
  };
  const ends = await Promise.allSettled([0, 1, 2, 3, 4, 5].map((n) => limit.run(task(n))));
  assert.deepEqual(ends.map(({ status }) => status === "fulfilled"), [true, false, true, false, true, false]);
  assert.deepEqual(begun, [0, 1, 2, 3, 4, 5]);
  assert.equal(most, 2);
});

test("the same thing is done once while it is under way", async () => {
  const once = new Once();
  let runs = 0;
  const task = async () => (runs += 1);
  assert.deepEqual(await Promise.all([once.run("k", task), once.run("k", task)]), [1, 1]);
  assert.equal(await once.run("k", task), 2);
});
