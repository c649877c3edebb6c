/** Compressing, as a job of the daemon: begun, followed by the message `job`, cancelled, its result fetched. */

import * as daemon from "./daemon.js";

/** @param {{bytes: ArrayBuffer, options?: Record<string, unknown>}} message @returns {Promise<{job: unknown}>} */
export async function begin({ bytes, options }) {
  const query = { ...options, later: 1 };
  const ask = { method: "POST", type: "application/octet-stream", body: bytes, query };
  return { job: await (await daemon.request("/v1/encode", ask)).json() };
}

/** What a job made. @param {{id: string}} message */
export async function result({ id }) {
  const response = await daemon.request(`/v1/jobs/${encodeURIComponent(String(id))}/result`);
  /** @param {string} name */
  const number = (name) => (response.headers.has(name) ? Number(response.headers.get(name)) : null);
  const report = {
    score: number("Sdz-Score"),
    worst: number("Sdz-Worst-Region"),
    psnr: number("Sdz-Psnr"),
    notes: JSON.parse(response.headers.get("Sdz-Notes") ?? "[]"),
  };
  return { bytes: await daemon.bytesOf(response), type: "application/x-sdz", report };
}

/** @param {{id: string}} message */
export async function cancel({ id }) {
  await daemon.request(`/v1/jobs/${encodeURIComponent(String(id))}`, { method: "DELETE" });
}
