import assert from "node:assert/strict";
import { test } from "node:test";
import { inWords, leastScore, shadeOf, shareBelow } from "../shared/scores.js";

const map = (/** @type {string} */ classes) => ({ cell: 32, rows: 1, columns: classes.length, classes });

test("classes are those of the format", () => {
  assert.deepEqual(["0", "4", "9", "e"].map(leastScore), [90, 50, 0, -50]);
});

test("what is close is clear, the rest gets stronger", () => {
  const shares = [..."0123456789abcdef"].map((digit) => shadeOf(digit)[3]);
  assert.deepEqual(shares.slice(0, 3), [0, 0, 0]);
  assert.deepEqual(shares, [...shares].sort((a, b) => Number(a) - Number(b)));
  assert.deepEqual(shadeOf("f"), [220, 38, 38, 153]);
});

test("how much is said in words", () => {
  assert.equal(shareBelow(map("0459"), 50), 0.5);
  assert.match(inWords(map("0123")), /No part/);
  assert.match(inWords(map("0459")), /^50 % .* 25 %/);
});
