import assert from "node:assert/strict";
import { test } from "node:test";
import { listOf, Parts } from "../background/parts.js";

/** @param {number[]} bytes */
const bytes = (...bytes) => Uint8Array.from(bytes);

test("files stand behind their lengths", () => {
  const body = listOf([bytes(7, 8, 9), bytes(), bytes(1)]);
  const expected = [0, 0, 0, 3, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 1, 1];
  assert.deepEqual([...body], expected);
});

const ANSWER = [0, 0, 0, 2, 0, 0, 0, 3, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 5];
const HEARD = [
  [2, [7, 8, 9]],
  [0, []],
  [1, [5]],
];

for (const size of [1, 2, 5, 11, 100]) {
  test(`parts are heard when they are whole, in pieces of ${size}`, () => {
    /** @type {[number, number[]][]} */
    const heard = [];
    const parts = new Parts((number, part) => heard.push([number, [...part]]));
    for (let at = 0; at < ANSWER.length; at += size) parts.push(bytes(...ANSWER.slice(at, at + size)));
    assert.deepEqual(heard, HEARD);
  });
}

test("what never becomes whole is not heard", () => {
  let heard = 0;
  const parts = new Parts(() => (heard += 1));
  parts.push(bytes(...ANSWER.slice(0, -1)));
  assert.equal(heard, 2);
});
