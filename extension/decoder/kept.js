/**
 * Kept regions over a decoded picture, as daemon/sdz/codec/kept/placing.py places them: in integers, but for what the browser's
 * own AVIF and WebP decoders make of a region.
 */

import { badField } from "./refusals.js";

/** @typedef {import("./marks.js").Kept} Kept */
/** @typedef {import("./marks.js").Region} Region */

const FORMATS = ["", "AVIF", "WEBP"];
const TYPES = ["", "image/avif", "image/webp"];

/** @typedef {{first: number, count: number}} Rows of the picture */

/**
 * Decode all regions that have some of the rows. Each is told by its own header to be as large as the file says, before a decoder
 * sees it.
 * @param {Kept} kept @param {Rows} rows
 * @returns {Promise<(Uint8ClampedArray | null)[]>} RGBA of each
 * @throws {import("./refusals.js").FormatError}
 */
export async function openKept({ regions }, { first, count }) {
  const opened = [];
  for (const region of regions) {
    const there = region.top < first + count && region.top + region.height > first;
    opened.push(there ? await open(region) : null);
  }
  return opened;
}

/** @param {Region} region */
async function open(region) {
  const { width, height, kind, data } = region;
  const expected = `a picture, ${FORMATS[kind]}, ${width}x${height}`;
  const found = sizeOf(kind, data);
  if (!found || found[0] !== width || found[1] !== height) throw badField("a kept region", expected, found ? found.join("x") : "none");
  try {
    const blob = new Blob([new Uint8Array(data)], { type: TYPES[kind] });
    const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
    const context = new OffscreenCanvas(width, height).getContext("2d", { alpha: false, willReadFrequently: true });
    context?.drawImage(bitmap, 0, 0);
    bitmap.close();
    const pixels = context?.getImageData(0, 0, width, height).data;
    if (pixels) return pixels;
  } catch {
    // It is said below.
  }
  throw badField("a kept region", expected, "damage");
}

/**
 * Place them over the pixels [count][width][3] of those rows.
 * @param {Uint8Array} rgb @param {{width: number, height: number}} size of the picture @param {Kept} kept
 * @param {(Uint8ClampedArray | null)[]} opened @param {Rows} rows
 */
export function placeKept(rgb, { width, height }, { soft, regions }, opened, { first, count }) {
  regions.forEach((box, index) => {
    const pixels = opened[index];
    if (!pixels) return;
    const across = distances(box.width, soft, box.left > 0, box.left + box.width < width);
    const down = distances(box.height, soft, box.top > 0, box.top + box.height < height);
    const n = soft + 1;
    const [begin, end] = [Math.max(0, first - box.top), Math.min(box.height, first + count - box.top)];
    for (let y = begin, from = begin * box.width * 4; y < end; y += 1) {
      let to = ((box.top + y - first) * width + box.left) * 3;
      const row = /** @type {number} */ (down[y]);
      for (let x = 0; x < box.width; x += 1, from += 4) {
        const t = Math.min(row, /** @type {number} */ (across[x])) + 1;
        for (let c = 0; c < 3; c += 1, to += 1) {
          const own = /** @type {number} */ (pixels[from + c]);
          rgb[to] = t === n ? own : Math.floor((/** @type {number} */ (rgb[to]) * (n - t) + own * t + (n >> 1)) / n);
        }
      }
    }
  });
}

/** How far inside each place along a side is, at most `soft`, by the ends that count. @param {number} length @param {number} soft @param {boolean} first @param {boolean} last */
function distances(length, soft, first, last) {
  return Uint8Array.from({ length }, (_, at) => Math.min(soft, first ? at : soft, last ? length - 1 - at : soft));
}

/**
 * What a region's header says of its size; the largest of several.
 * @param {number} kind @param {Uint8Array} data @returns {[number, number] | null}
 */
function sizeOf(kind, data) {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return kind === 1 ? avifSize(view) : webpSize(view);
}

const ISPE = 0x69737065;

/** Sides of the largest item. @param {DataView} view @returns {[number, number] | null} */
function avifSize(view) {
  let [width, height] = [0, 0];
  const end = Math.min(view.byteLength - 16, 4096); // properties come first
  for (let at = 4; at < end; at += 1) {
    if (view.getUint32(at) !== ISPE) continue;
    width = Math.max(width, view.getUint32(at + 8));
    height = Math.max(height, view.getUint32(at + 12));
  }
  return width && height ? [width, height] : null;
}

/** @param {DataView} view @returns {[number, number] | null} */
function webpSize(view) {
  if (view.byteLength < 30 || view.getUint32(0) !== 0x52494646 || view.getUint32(8) !== 0x57454250) return null;
  const u24 = (/** @type {number} */ at) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  const kind = view.getUint32(12);
  if (kind === 0x56503858) return [u24(24) + 1, u24(27) + 1];
  if (kind === 0x56503820) return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
  if (kind !== 0x5650384c) return null;
  const bits = view.getUint32(21, true);
  return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
}
