/**
 * A file as plain values, under the names that `POST /v1/inspect` and `sdz info` have for them. Pure.
 */

import { unpack } from "./container.js";
import { groupCount, latentSides } from "./header.js";

/** @param {Uint8Array} data a whole file @throws {import("./refusals.js").FormatError} */
export function summarize(data) {
  const { header, streams, alpha, metadata } = unpack(data);
  const { width, height, model, weights, step, report, tiling } = header;
  const { h, w } = latentSides(header);
  const bytes = streams.reduce((sum, stream) => sum + stream.data.length, 0);
  return {
    ...{ width, height, bytes: data.length, bits_per_pixel: Number(((8 * data.length) / (width * height)).toFixed(4)) },
    ...{ model: model.name, weights, step },
    latents: { channels: model.channels, height: h, width: w, factor: model.factor, groups: groupCount(header), bytes },
    alpha_bytes: alpha ? alpha.data.length : null,
    tile: tiling ? tiling.tile : null,
    exif_bytes: metadata.m ?? null,
    xmp_bytes: metadata.x ?? null,
    report: report && { ssimulacra2: report.score, worst_region: report.worst, psnr: report.psnr },
  };
}
