import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, count, decimal, percent, savedShare } from "../shared/units.js";

test("bytes have three digits and the right unit", () => {
  const said = [0, 1, 999, 1000, 2778, 19_101, 334_643_268, 999_499, 999_500, 1e15].map(bytes);
  assert.deepEqual(said, ["0 B", "1 B", "999 B", "1 kB", "2.78 kB", "19.1 kB", "335 MB", "999 kB", "1 MB", "1000 TB"]);
});

test("percent stays within its bounds and says nothing without a total", () => {
  assert.deepEqual([percent(0, 0), percent(5, 0), percent(1, 3), percent(3, 3), percent(9, 3), percent(-1, 3)], [null, null, 33, 100, 100, 0]);
});

test("what was saved is never all of it", () => {
  assert.equal(savedShare(250, 1000), "75 %");
  assert.equal(savedShare(5170, 1_234_567), "99.6 %");
  assert.equal(savedShare(1, 10_000_000), "99.9 %");
  assert.equal(savedShare(1500, 1000), "−50 %");
});

test("numbers have a minus sign, and zero has none", () => {
  assert.deepEqual([decimal(-17.44, 1), decimal(-0.04, 1), decimal(46.53, 0)], ["−17.4", "0.0", "47"]);
});

test("one is one", () => {
  assert.deepEqual([count(0, "picture"), count(1, "picture"), count(2, "picture"), count(1234, "box", "boxes")], [
    "0 pictures",
    "1 picture",
    "2 pictures",
    "1,234 boxes",
  ]);
});
