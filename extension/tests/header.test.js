import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { BadFile, crc32, isSdz, mayBecomeSdz, readHeader } from "../background/header.js";

const golden = (name) => new Uint8Array(readFileSync(new URL(`../../tests/golden/${name}`, import.meta.url)));
const plain = golden("lite-1.sdz");

test("a real file's header is read", () => {
  const header = readHeader(plain);
  assert.equal(header.model, "lite-1");
  assert.ok(header.width > 0 && header.height > 0);
  assert.ok(header.score <= 100 && header.worst <= header.score);
});

test("a file with every flag and a named model is read", () => {
  for (const name of ["container-every-flag.sdz", "container-plain.sdz", "container-groups.sdz"]) {
    const { width, height, model } = readHeader(golden(name));
    assert.ok(width >= 1 && height >= 1 && model.length > 1, name);
  }
});

test("every beginning that is too short for the header is refused", () => {
  const end = 8 + 2 + plain[9] + 4; // signature, type and length, payload, checksum
  assert.doesNotThrow(() => readHeader(plain.subarray(0, end)));
  for (let length = 0; length < end; length += 1) {
    assert.throws(() => readHeader(plain.subarray(0, length)), BadFile, `${length} bytes`);
  }
});

test("every flipped bit of the header is found", () => {
  const end = 8 + 2 + plain[9] + 4;
  for (let bit = 0; bit < end * 8; bit += 1) {
    const damaged = plain.slice();
    damaged[bit >> 3] ^= 1 << (bit & 7);
    assert.throws(() => readHeader(damaged), BadFile, `bit ${bit}`);
  }
});

test("the signature, and what may become one", () => {
  assert.ok(isSdz(plain));
  assert.ok(!isSdz(plain.subarray(0, 7)));
  assert.ok(mayBecomeSdz(plain.subarray(0, 7)) && mayBecomeSdz(new Uint8Array()));
  assert.ok(!mayBecomeSdz(Uint8Array.of(0x89, 0x50)));
});

test("the checksum is the usual one", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});
