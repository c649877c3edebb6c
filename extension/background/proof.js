/** Whether who answers at a port is the daemon we were paired with (docs/api.md, "Proof"). Pure. */

const NONCE_BYTES = 24;

/** A challenge that was never made before. */
export function newNonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

/**
 * HMAC-SHA-256 under the key of `sdz-hello:PORT:NONCE`, hex.
 * @param {string} key hex @param {number} port the one that was connected to @param {string} nonce
 */
export async function proofOf(key, port, nonce) {
  const raw = Uint8Array.from(key.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const secret = await crypto.subtle.importKey("raw", raw, hmac, false, ["sign"]);
  const message = new TextEncoder().encode(`sdz-hello:${port}:${nonce}`);
  return hex(await crypto.subtle.sign("HMAC", secret, message));
}

/** @param {ArrayBuffer} bytes */
export function hex(bytes) {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
