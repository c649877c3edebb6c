import assert from "node:assert/strict";
import { test } from "node:test";
import { nameOf, readHash, renamed } from "../viewer/source.js";

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

test("names are the last part of the path, readable", () => {
  assert.equal(nameOf("https://a.example/x/caf%C3%A9.sdz?v=2#t"), "café.sdz");
  assert.equal(nameOf("https://a.example/"), "picture");
  assert.equal(nameOf("data:image/png;base64,AAAA"), "picture");
  assert.equal(nameOf("no address"), "picture");
});

test("names hold nothing that a disk or an eye could be misled by", () => {
  assert.equal(nameOf("https://a.example/..%2F..%2Fetc%2Fpasswd"), "_.._etc_passwd");
  assert.equal(nameOf("https://a.example/a%00b%0Ac.sdz"), "a_b_c.sdz");
  assert.equal(nameOf("https://a.example/gnp%E2%80%AEzds.exe"), "gnp_zds.exe");
  assert.equal(nameOf(`https://a.example/${"a".repeat(500)}`).length, 120);
  assert.equal(nameOf("https://a.example/%E0%A4%A"), "%E0%A4%A"); // no UTF-8: kept as it is
});

test("another ending replaces the old one only where there is one", () => {
  assert.equal(renamed("a.sdz", "png"), "a.png");
  assert.equal(renamed("a.b.jpeg", "sdz"), "a.b.sdz");
  assert.equal(renamed("Dr. Who at home", "png"), "Dr. Who at home.png");
  assert.equal(renamed("", "png"), "picture.png");
});
