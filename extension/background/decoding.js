/** Who decodes a picture: the daemon. The one place that would choose another. */

import * as daemon from "./daemon.js";

/** @typedef {{bytes: ArrayBuffer, type: string}} Picture */
/** @typedef {{format?: string, preview?: boolean, maxSide?: number}} Options */

/**
 * @param {Uint8Array<ArrayBuffer> | ArrayBuffer} data @param {Options} [options]
 * @returns {Promise<Picture>}
 * @throws {import("./refusal.js").Refusal} with the daemon's code, or absent, unpaired, token-refused
 */
export async function decode(data, { format = "png", preview, maxSide } = {}) {
  const response = await daemon.request("/v1/decode", {
    method: "POST",
    type: "application/x-sdz",
    accept: `image/${format}`,
    query: { preview: preview ? 1 : undefined, max_side: maxSide },
    body: data,
  });
  const type = response.headers.get("Content-Type") ?? `image/${format}`;
  return { bytes: await daemon.bytesOf(response), type };
}
