import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, fitScale, LARGEST, pan, settle, step, wheelFactor, zoomTo } from "../viewer/zoom.js";

const VIEW = { width: 800, height: 600 };
const LARGE = { width: 1600, height: 600 };
const SMALL = { width: 100, height: 50 };

test("a large picture is fitted to the narrower side, less the margin", () => {
  assert.equal(fitScale(VIEW, LARGE), 0.5);
  assert.equal(fitScale(VIEW, LARGE, 50), 700 / 1600);
  assert.deepEqual(fit(VIEW, LARGE), { scale: 0.5, x: 0, y: 150 });
});

test("a small picture is not enlarged, and lies in the middle", () => {
  assert.deepEqual(fit(VIEW, SMALL, 24), { scale: 1, x: 350, y: 275 });
});

test("a view without room gives a place all the same", () => {
  const place = fit({ width: 0, height: 0 }, LARGE, 24);
  assert.ok(place.scale > 0 && Number.isFinite(place.x));
});

test("the point under the pointer stays under it", () => {
  const at = { x: 200, y: 300 };
  const before = { scale: 1, x: -300, y: 0 };
  const after = zoomTo(before, 3, at, VIEW, LARGE);
  const point = (/** @type {{scale: number, x: number, y: number}} */ p) => [(at.x - p.x) / p.scale, (at.y - p.y) / p.scale];
  assert.deepEqual(point(after), point(before));
});

test("zooming out brings a picture back into the middle", () => {
  const place = zoomTo({ scale: 1, x: -800, y: 0 }, 0.25, { x: 0, y: 0 }, VIEW, LARGE);
  assert.deepEqual(place, { scale: 0.25, x: 200, y: 225 });
});

test("scales have ends, and the whole picture is always within them", () => {
  assert.equal(zoomTo({ scale: 1, x: 0, y: 0 }, 1e9, { x: 0, y: 0 }, VIEW, SMALL).scale, LARGEST);
  assert.equal(zoomTo({ scale: 1, x: 0, y: 0 }, 0, { x: 0, y: 0 }, VIEW, SMALL).scale, 0.02);
  const huge = { width: 200_000, height: 10 };
  assert.equal(zoomTo({ scale: 1, x: 0, y: 0 }, 0, { x: 0, y: 0 }, VIEW, huge).scale, 0.004);
});

test("no gap is left at an edge", () => {
  assert.deepEqual(settle({ scale: 1, x: 40, y: 7 }, VIEW, LARGE), { scale: 1, x: 0, y: 0 });
  assert.deepEqual(pan({ scale: 1, x: -100, y: 0 }, -5000, 9, VIEW, LARGE), { scale: 1, x: -800, y: 0 });
});

test("steps go up and down through the same scales, the fitting one among them", () => {
  assert.equal(step(1, 1, 0.4), 1.5);
  assert.equal(step(0.5, -1, 0.4), 0.4);
  assert.equal(step(0.4, 1, 0.4), 0.5);
  assert.equal(step(LARGEST, 1, 0.4), LARGEST);
  assert.equal(step(0.001, -1, 0.4), 0.4);
  let scale = 0.05;
  for (let n = 0; n < 30; n += 1) scale = step(scale, 1, 0.4);
  assert.equal(scale, LARGEST);
});

test("turning the wheel forth and back is where it was", () => {
  const turn = (/** @type {number} */ deltaY) => wheelFactor({ deltaY, deltaMode: 0, ctrlKey: false });
  assert.ok(turn(-100) > 1 && turn(100) < 1);
  assert.ok(Math.abs(turn(-100) * turn(100) - 1) < 1e-12);
  assert.equal(turn(1e9), turn(300));
  assert.equal(wheelFactor({ deltaY: 3, deltaMode: 1, ctrlKey: false }), turn(48));
});
