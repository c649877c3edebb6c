import assert from "node:assert/strict";
import { test } from "node:test";
import { missingModels, row, total } from "../popup/pictures.js";

/** @type {import("../popup/pictures.js").Picture} */
const SHOWN = {
  url: "https://a.example/lake.sdz",
  bytes: 19_101,
  width: 768,
  height: 512,
  model: "lite-1",
  score: 61.6,
  worst: 40,
  state: "shown",
  reason: "",
};

test("a picture that is shown has its size, model and score", () => {
  const { name, facts, chip, look, label } = row(SHOWN);
  assert.equal(name, "lake.sdz");
  assert.equal(facts, "19.1 kB · 768 × 512 · lite-1");
  assert.equal(chip, "62 good");
  assert.equal(look, "good");
  assert.equal(label, "lake.sdz, 19.1 kB · 768 × 512 · lite-1, score 62 of 100, good");
});

test("a score of zero is a score, and none is none", () => {
  assert.equal(row({ ...SHOWN, score: 0 }).chip, "0 low");
  assert.equal(row({ ...SHOWN, score: 0 }).look, "low"); // with a mark, and not red: it was its maker's choice
  assert.equal(row({ ...SHOWN, score: null }).chip, "no score");
});

test("a picture that is not shown says why", () => {
  const failed = row({ ...SHOWN, state: "failed", reason: "bad-checksum" });
  assert.equal(failed.chip, "failed");
  assert.match(failed.facts, /The file is damaged/);
  const waiting = row({ ...SHOWN, state: "waiting", reason: "absent", bytes: 0, width: 0, height: 0, model: "" });
  assert.equal(waiting.facts, "sdz is not running");
  assert.equal(waiting.label, "lake.sdz, sdz is not running, waiting");
});

test("what only the daemon can decode is said to need it", () => {
  const waits = (/** @type {string} */ model) => row({ ...SHOWN, state: "waiting", reason: "unpaired", model }).facts;
  assert.match(waits("lite-1"), /An earlier edition of lite-1, or too large for a browser: needs the sdz daemon/);
  assert.match(waits("sdxl"), /The model sdxl: needs the sdz daemon/);
});

test("what is waited for is named with its model", () => {
  assert.match(row({ ...SHOWN, state: "waiting", reason: "model-missing", model: "sd-mse" }).facts, /The model sd-mse is missing/);
});

test("a sum of sizes, and what JPEGs would take where that is known", () => {
  assert.deepEqual(total([]), { count: "No .sdz pictures on this page", sum: "" });
  const two = total([{ ...SHOWN, score: 30 }, { ...SHOWN, score: 30 }]);
  assert.deepEqual(two, { count: "2 pictures", sum: "38.2 kB; JPEGs as good: about 84 kB" });
  // Of most of the bytes nothing is known.
  assert.equal(total([SHOWN, { ...SHOWN, model: "sd-mse", bytes: 50_000 }]).sum, "69.1 kB");
  assert.deepEqual(total([{ ...SHOWN, score: null }]), { count: "1 picture", sum: "19.1 kB" });
});

test("missing models, those most waited for first", () => {
  const waits = (/** @type {string} */ model) => ({ ...SHOWN, state: /** @type {const} */ ("waiting"), reason: "model-missing", model });
  assert.deepEqual(missingModels([SHOWN, waits("a"), waits("b"), waits("b")]), [
    { name: "b", waiting: 2 },
    { name: "a", waiting: 1 },
  ]);
  assert.deepEqual(missingModels([SHOWN]), []);
});
