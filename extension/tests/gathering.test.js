import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Gathering } from "../background/gathering.js";

mock.timers.enable({ apis: ["setTimeout"] });

/** @param {Partial<{count: number, weight: number, waitMs: number}>} most */
function gathering(most = {}) {
  /** @type {number[][]} */
  const sent = [];
  /** @type {(() => void)[]} */
  const ends = [];
  const send = (/** @type {number[]} */ wanted) => {
    sent.push(wanted);
    return new Promise((resolve) => ends.push(() => resolve(undefined)));
  };
  const all = { count: 10, weight: 1000, waitMs: 1e6, ...most };
  const made = new Gathering(send, all, (/** @type {number} */ one) => one);
  /** @param {number} at */
  const end = async (at) => {
    ends[at]?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { sent, end, want: (/** @type {number[]} */ ...wanted) => wanted.forEach((one) => made.want(one)), made };
}

test("the first goes at once, the others together when it is back", async () => {
  const { sent, end, want } = gathering();
  want(1, 2, 3);
  assert.deepEqual(sent, [[1]]);
  await end(0);
  assert.deepEqual(sent, [[1], [2, 3]]);
  await end(1);
  want(4);
  assert.deepEqual(sent, [[1], [2, 3], [4]]);
});

test("no more go together than may, by number and by weight", () => {
  const { sent, want } = gathering({ count: 3, weight: 100 });
  want(1, 2, 3, 4, 60, 50, 5);
  assert.deepEqual(sent, [[1], [2, 3, 4], [60, 50]]);
});

test("a slow one does not keep others waiting for long", () => {
  const { sent, want } = gathering({ waitMs: 30 });
  want(1, 2, 3);
  mock.timers.tick(29);
  assert.deepEqual(sent, [[1]]);
  mock.timers.tick(1);
  assert.deepEqual(sent, [[1], [2, 3]]);
});

test("one that fails is over, too", async () => {
  let times = 0;
  const made = new Gathering(
    () => {
      times += 1;
      return Promise.reject(new Error("no"));
    },
    { count: 9, weight: 9, waitMs: 1e6 },
    () => 1,
  );
  made.want(1);
  made.want(2);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(times, 2);
});
