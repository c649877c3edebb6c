import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { codeOf, explain } from "../shared/problems.js";

test("what cannot be asked says what to do", () => {
  assert.equal(explain("absent").remedy, "start");
  assert.equal(explain("unpaired").remedy, "pair");
  assert.equal(explain("token-refused").remedy, "pair");
});

test("a missing model is named where it is known", () => {
  assert.equal(explain("model-missing", "", "sd-mse").title, "The model sd-mse is missing");
  assert.equal(explain("model-missing").title, "The model is missing");
});

test("damage keeps the daemon's own sentence as a detail", () => {
  const { title, detail } = explain("bad-checksum", "chunk L is 1, not 2");
  assert.equal(title, "The file is damaged");
  assert.equal(detail, "chunk L is 1, not 2");
});

test("a code that is not known keeps the daemon's sentence, once", () => {
  const problem = explain("brand-new", "It rains.");
  assert.equal(problem.about, "It rains.");
  assert.equal(problem.detail, "");
  assert.match(explain("brand-new").about, /"brand-new"/);
});

test("names of an object's own methods are no codes", () => {
  assert.equal(explain("constructor").title, "Something went wrong");
});

test("every code of the background and of the daemon that a picture may end in is explained", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const named = /Codes of failures:[^]*?\n\n/.exec(readme)?.[0] ?? "";
  const codes = [...named.matchAll(/`([a-z-]+)`/g)].map((match) => match[1] ?? "");
  assert.ok(codes.length > 8, named);
  const ours = ["not-heard", "bad-message"]; // faults of ours, not of anything that a user meets
  for (const code of codes.filter((one) => !ours.includes(one))) {
    assert.notEqual(explain(code).title, "Something went wrong", code);
  }
});

test("a daemon that never answered here was not stopped", () => {
  assert.equal(codeOf({ daemon: "absent", seen: false }), "unseen");
  assert.equal(explain("unseen").title, "Not found yet");
  assert.equal(codeOf({ daemon: "absent", seen: true }), "absent");
  assert.equal(codeOf({ code: "absent" }), "absent");
  assert.equal(codeOf({ code: "unpaired", daemon: "absent", seen: false }), "unpaired");
});
