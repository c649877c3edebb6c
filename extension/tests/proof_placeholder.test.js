import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { placeholder } from "../background/placeholder.js";
import { newNonce, proofOf } from "../background/proof.js";

test("the proof is HMAC-SHA-256 of port and nonce", async () => {
  const key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  const wanted = createHmac("sha256", Buffer.from(key, "hex")).update("sdz-hello:7391:abc").digest("hex");
  assert.equal(await proofOf(key, 7391, "abc"), wanted);
  assert.notEqual(await proofOf(key, 7390, "abc"), wanted);
});

test("nonces are of the daemon's letters, and new each time", () => {
  const nonces = Array.from({ length: 100 }, newNonce);
  assert.equal(new Set(nonces).size, 100);
  for (const nonce of nonces) assert.match(nonce, /^[A-Za-z0-9_-]{16,128}$/);
});

test("a placeholder is a GIF of its size", () => {
  const bytes = placeholder(65535, 258);
  assert.equal(String.fromCharCode(...bytes.subarray(0, 6)), "GIF89a");
  assert.deepEqual([...bytes.subarray(6, 10)], [0xff, 0xff, 2, 1]);
  assert.equal(bytes.at(-1), 0x3b);
});
