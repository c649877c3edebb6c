import assert from "node:assert/strict";
import { test } from "node:test";
import { readHash } from "../viewer/source.js";

test("nothing after the # is nothing", () => {
  assert.deepEqual(readHash(""), { kind: "nothing" });
  assert.deepEqual(readHash("#"), { kind: "nothing" });
});

test("an address is taken as it is, with its own # and %", () => {
  const url = "https://a.example/b%20c.sdz?d=%23&e#f";
  assert.deepEqual(readHash(`#${url}`), { kind: "address", url });
});

for (const text of ["javascript:alert(1)", "data:text/html,x", "chrome-extension://x/y", "blob:https://a.example/1", "picture.sdz"]) {
  test(`${text} is no address to open`, () => assert.deepEqual(readHash(`#${text}`), { kind: "bad", text }));
}

test("a choice of the context menu", () => {
  assert.deepEqual(readHash("#compress=0f-1A_z"), { kind: "compress", id: "0f-1A_z" });
  assert.equal(readHash("#compress=").kind, "bad");
  assert.equal(readHash(`#compress=${"a".repeat(65)}`).kind, "bad");
});
