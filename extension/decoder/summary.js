/**
 * A file as plain values, under the names that `POST /v1/inspect` and `sdz info` have for them. Pure.
 */

import { unpack } from "./container.js";
import { groupCount, latentSides } from "./header.js";

/** @param {Uint8Array} data a whole file @throws {import("./refusals.js").FormatError} */
export function summarize(data) {
  const { header, streams, alpha, metadata, kept, mapBytes, extra } = unpack(data);
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
    map_bytes: mapBytes,
    kept: kept && keptAs(kept, width * height),
    unknown_chunks: extra,
    report: report && { ssimulacra2: report.score, worst_region: report.worst, psnr: report.psnr },
  };
}

/** @param {import("./marks.js").Kept} kept @param {number} pixels of the picture */
function keptAs({ regions }, pixels) {
  const area = regions.reduce((sum, { width, height }) => sum + width * height, 0);
  return {
    regions: regions.length,
    share: Number(Math.min(1, area / pixels).toFixed(4)),
    bytes: regions.reduce((sum, { data }) => sum + data.length, 0),
    boxes: regions.map(({ left, top, width, height }) => [left, top, width, height]),
  };
}
