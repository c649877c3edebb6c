import assert from "node:assert/strict";
import { test } from "node:test";
import { grade, invented, unevenness } from "../shared/fidelity.js";

const report = (/** @type {number} */ score, worst = score) => ({ ssimulacra2: score, worst_region: worst, psnr: 30 });

test("grades begin at the metric's own anchors", () => {
  const names = [100, 90, 89.99, 70, 69.9, 50, 49.9, 30, 29.9, -40].map((score) => grade(score).name);
  assert.deepEqual(names, ["Excellent", "Excellent", "High", "High", "Good", "Good", "Fair", "Fair", "Low", "Low"]);
});

test("the warning goes by the worst region, not by the whole", () => {
  const calm = invented(report(92, 88), 1);
  const texture = invented(report(92, 65), 1);
  const strong = invented(report(92, 40), 1);
  assert.match(calm, /Very little/);
  assert.match(texture, /texture/);
  assert.match(strong, /Do not read numbers/);
});

test("very little data for each pixel is said", () => {
  assert.match(invented(report(20), 0.1), /very little data/);
  assert.doesNotMatch(invented(report(20), 0.5), /very little data/);
});

test("a file without a measurement is not praised", () => {
  assert.match(invented(null, 2), /no measurement/);
});

test("an uneven picture is called so", () => {
  assert.match(unevenness(report(60, 58)), /same everywhere/);
  assert.match(unevenness(report(60, 50)), /Some regions/);
  assert.match(unevenness(report(60, 20)), /much less/);
});
