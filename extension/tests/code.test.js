import assert from "node:assert/strict";
import { test } from "node:test";
import { readCode, readPort } from "../options/code.js";

const spaced = [
  "12345678",
  "1234 5678",
  " 1234-5678 ",
  "1234\u00a05678",
  "1234\u20095678",
  "1234–5678",
  "1 2 3 4 5 6 7 8",
  "code  1234 5678",
  "Code: 12345678.",
];
for (const text of spaced) {
  test(`${JSON.stringify(text)} is a code`, () => assert.deepEqual(readCode(text), { code: "12345678", port: null, wrong: "" }));
}

test("all that sdz pair prints is a code and a port", () => {
  const printed = "code  0000 5678\nport  7391\nType both into what is to be let in, within 120 seconds.\n";
  assert.deepEqual(readCode(printed), { code: "00005678", port: 7391, wrong: "" });
});

test("what is wrong is said", () => {
  assert.match(readCode("").wrong, /eight digits/);
  assert.match(readCode("1234 567").wrong, /these are 7/);
  assert.match(readCode("1234 56789").wrong, /these are 9/);
  assert.equal(readCode("port 7390").code, null);
});

test("ports are whole numbers that there are", () => {
  assert.deepEqual(["7390", " 1 ", "65535", "0", "65536", "-1", "7e3", "", "7390.5", "٧٣٩٠"].map(readPort), [
    7390, 1, 65535, null, null, null, null, null, null, null,
  ]);
});
