/**
 * Chunks `s` and `k`: the map of scores, and the kept regions, as daemon/sdz/container/marks.py reads them. Pure.
 */

import { atMost, within } from "./header.js";
import { badField, trailingData, truncated } from "./refusals.js";

/** @typedef {import("./cursor.js").Cursor} Cursor */
/** @typedef {import("./header.js").Header} Header */
/** @typedef {import("./header.js").Limits} Limits */
/** @typedef {{left: number, top: number, width: number, height: number, kind: number, data: Uint8Array}} Region */
/** @typedef {{soft: number, regions: Region[]}} Kept in the order in which they are placed */

const CLASSES = 16;
const MAX_SOFT_EDGE = 16;
const KINDS = 2;
const LEAST_REGION_BYTES = 7;
const MOST_COVERED = 2;

/** Looks at the fields of the map of scores. @param {Cursor} payload @returns {number} bytes of its stream */
export function checkScores(payload) {
  const middle = payload.number(1, "middle of the map of scores");
  payload.number(2, "symbol check of the map of scores");
  within("middle of the map of scores", middle, 0, CLASSES - 1);
  return payload.left;
}

/** The fields of chunk `k`; no region is opened. @param {Cursor} payload @param {Header} header @param {Limits} limits @returns {Kept} */
export function readKept(payload, header, limits) {
  const soft = payload.number(1, "soft edge of kept regions");
  const count = payload.varint("number of kept regions");
  if (!count) throw badField("number of kept regions", "at least 1", count);
  atMost("number of kept regions", limits.keptRegions, count);
  const least = LEAST_REGION_BYTES * count;
  if (payload.left < least) throw truncated(`chunk k, with ${count} regions,`, least, payload.left);
  const regions = Array.from({ length: count }, () => readRegion(payload));
  if (payload.left) throw trailingData("the last region in chunk k", payload.left);
  within("soft edge of kept regions", soft, 0, MAX_SOFT_EDGE);
  for (const region of regions) checkRegion(region, header);
  const area = regions.reduce((sum, { width, height }) => sum + width * height, 0);
  atMost("pixels in kept regions", MOST_COVERED * header.width * header.height, area);
  return { soft, regions };
}

/** @param {Cursor} payload @returns {Region} */
function readRegion(payload) {
  const side = (/** @type {string} */ name) => payload.varint(`${name} of a kept region`);
  const box = { left: side("left"), top: side("top"), width: side("width"), height: side("height") };
  const kind = payload.number(1, "kind of a kept region");
  return { ...box, kind, data: payload.take(payload.varint("length of a kept region"), "a kept region") };
}

/** @param {Region} region @param {Header} header */
function checkRegion({ left, top, width, height, kind, data }, header) {
  if (left + width > header.width || top + height > header.height || width < 1 || height < 1) {
    throw badField("a kept region", `inside ${header.width}x${header.height}`, `${width}x${height} at ${left}, ${top}`);
  }
  if (kind < 1 || kind > KINDS) throw badField("kind of a kept region", "1 or 2", kind);
  if (!data.length) throw badField("length of a kept region", "at least 1", 0);
}
