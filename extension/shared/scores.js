/**
 * The map of scores: what a file's classes mean, and their colours over its picture. Pure, but for the canvas.
 *
 * docs/format.md, chunk s: class n is a local score of at least 90 - 10 n, the last anything below. The colours are those of
 * `sdz info --map` (daemon/sdz/grades.py); a test holds them together.
 */

/** @typedef {{cell: number, rows: number, columns: number, classes: string}} ScoreMap as POST /v1/inspect?map=1 has it */

/** From which least score on, best first: red, green, blue, and how much of it. @type {readonly [number, number[], number][]} */
export const SHADES = [
  [70, [0, 0, 0], 0],
  [50, [250, 204, 21], 0.25],
  [30, [249, 115, 22], 0.45],
  [-Infinity, [220, 38, 38], 0.6],
];

/** The least local score of a class, a hexadecimal digit. @param {string} digit */
export function leastScore(digit) {
  return 90 - 10 * Number.parseInt(digit, 16);
}

/** @param {string} digit @returns {number[]} red, green, blue and alpha, 0 to 255 */
export function shadeOf(digit) {
  const least = leastScore(digit);
  const found = SHADES.find(([from]) => least >= from) ?? SHADES[SHADES.length - 1];
  const [, colour, share] = /** @type {[number, number[], number]} */ (found);
  return [...colour, Math.round(255 * share)];
}

/** How much of the picture scores below `least`, 0 to 1. @param {ScoreMap} map @param {number} least */
export function shareBelow({ classes }, least) {
  const below = [...classes].filter((digit) => leastScore(digit) < least);
  return classes.length ? below.length / classes.length : 0;
}

/**
 * Draws a map, a pixel a cell, and lays it over a picture of `size` that fills the canvas' box.
 * @param {HTMLCanvasElement} canvas @param {ScoreMap} map @param {{width: number, height: number}} size
 */
export function drawMap(canvas, { cell, rows, columns, classes }, size) {
  canvas.width = columns;
  canvas.height = rows;
  const pixels = new ImageData(columns, rows);
  [...classes].forEach((digit, at) => pixels.data.set(shadeOf(digit), 4 * at));
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  // The last cells may be cut: the map is then larger than the picture.
  canvas.style.width = `${(100 * columns * cell) / size.width}%`;
  canvas.style.height = `${(100 * rows * cell) / size.height}%`;
}

/** What a map says, in words. @param {ScoreMap} map */
export function inWords(map) {
  const [low, fair] = [shareBelow(map, 30), shareBelow(map, 50)];
  const percent = (/** @type {number} */ share) => `${Math.round(100 * share)} %`;
  if (fair === 0) return "No part of the picture was measured to be far from the source.";
  return `${percent(fair)} of the picture may hold detail that is not the source's (score below 50), ${percent(low)} certainly does (below 30).`;
}
