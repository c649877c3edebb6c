import assert from "node:assert/strict";
import { test } from "node:test";
import { givenName, nameOf, renamed } from "../shared/naming.js";

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

test("pictures that only a query tells apart have names of their own", () => {
  assert.equal(renamed(nameOf("https://a.example/image?id=42"), "png"), "image-42.png");
  assert.equal(nameOf("https://a.example/?p=7&size=large"), "7-large");
  assert.equal(nameOf("https://a.example/kodim02.sdz?size=large&x=1"), "kodim02.sdz");
  const signature = "a".repeat(40); // no business on a disk
  assert.equal(nameOf(`https://a.example/image?id=42&sig=${signature}`), "image-42");
});

test("a server's own name", () => {
  assert.equal(givenName('inline; filename="Red door.sdz"'), "Red door.sdz");
  assert.equal(givenName("attachment; filename=plain.sdz; size=3"), "plain.sdz");
  assert.equal(givenName(`inline; filename="cafe.sdz"; filename*=UTF-8''caf%C3%A9.sdz`), "café.sdz");
  assert.equal(givenName('inline; FileName="a \\"b\\".sdz"'), "a _b_.sdz");
  for (const none of [null, "", "inline", "attachment; size=3", 'inline; filename=""']) assert.equal(givenName(none), "");
});

test("a server's name is no path, and what is not UTF-8 leaves the plain one", () => {
  assert.equal(givenName('inline; filename="../../etc/passwd"'), "passwd");
  assert.equal(givenName('inline; filename="C:\\\\boot.sdz"'), "boot.sdz");
  assert.equal(givenName(`inline; filename=a.sdz; filename*=UTF-8''%E0%A4`), "a.sdz");
  assert.equal(givenName(`inline; filename*=UTF-8''..%2F..%2Fa%00b.sdz`), "a_b.sdz");
});
