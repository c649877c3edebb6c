import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { asJpeg, RATIOS } from "../shared/elsewhere.js";

/** @typedef {{bpp: number[], ssimulacra2: number[]}} Curve */
/** @type {Record<string, Curve>} */
const MEASURED = JSON.parse(readFileSync(new URL("../../docs/rd.json", import.meta.url), "utf8"));

/** Bits per pixel at a score. @param {Curve | undefined} curve @param {number} score */
function at({ bpp, ssimulacra2 } = { bpp: [], ssimulacra2: [] }, score) {
  const next = ssimulacra2.findIndex((one) => one >= score);
  const [low, high] = [Number(ssimulacra2[next - 1]), Number(ssimulacra2[next])];
  return Number(bpp[next - 1]) + ((Number(bpp[next]) - Number(bpp[next - 1])) * (score - low)) / (high - low);
}

test("the ratios are those that were measured", () => {
  for (const [score, ratio] of RATIOS) {
    const measured = at(MEASURED["JPEG"], score) / at(MEASURED["sdz lite-1"], score);
    assert.ok(Math.abs(ratio / measured - 1) < 0.1, `at ${score}: ${ratio}, measured ${measured.toFixed(2)}`);
  }
});

test("between them they are interpolated, beyond them nothing is said", () => {
  assert.equal(asJpeg(1000, 30), 2200);
  assert.equal(asJpeg(1000, 40)?.toFixed(6), "1950.000000");
  for (const score of [null, -60, 80]) assert.equal(asJpeg(1000, score), null);
});
