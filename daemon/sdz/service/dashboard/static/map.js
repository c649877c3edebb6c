/** Where detail may have been invented: the file's own map of scores, laid over its picture. */

import { send } from "./api.js";
import { announce, byId } from "./dom.js";

const octets = { "Content-Type": "application/x-sdz" };

/** @type {{cell: number, rows: number, columns: number, classes: string}|null} */
let map = null;

/** Have the button and the key M show it and take it away. */
export function startMap() {
  byId("show-map").addEventListener("click", toggle);
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest?.("input, select, textarea");
    if (event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey || writing || byId("show-map").hidden) return;
    toggle();
  });
}

/** There is no picture. */
export function forgetMap() {
  map = null;
  byId("show-map").hidden = true;
  lay(false);
}

/**
 * The map of a file, to be shown when it is asked for. Without one there is no button.
 * @param {Blob} data
 * @param {{width: number, height: number}} size  of its picture
 */
export async function fetchMap(data, size, signal) {
  const reply = await send("POST", "/v1/inspect", { query: { map: 1 }, body: data, headers: octets, signal });
  ({ map } = await reply.json());
  byId("show-map").hidden = !map;
  if (map) draw(byId("map").querySelector("canvas"), size);
}

/** The map belongs to the .sdz: under another format it is not shown. */
export function mapFits(fits) {
  byId("map").classList.toggle("visually-hidden", !fits);
}

function toggle() {
  lay(byId("map").hidden);
  if (!byId("map").hidden) announce(words());
}

function lay(on) {
  byId("map").hidden = !on;
  byId("map-words").hidden = !on;
  byId("map-words").textContent = on ? words() : "";
  byId("show-map").setAttribute("aria-pressed", String(on));
}

const leastOf = (digit) => 90 - 10 * Number.parseInt(digit, 16);

function draw(canvas, { width, height }) {
  const shades = JSON.parse(byId("shades").textContent);
  const pixels = new ImageData(map.columns, map.rows);
  [...map.classes].forEach((digit, at) => {
    const [, colour, share] = shades.find(([least]) => least === null || leastOf(digit) >= least);
    pixels.data.set([...colour, Math.round(255 * share)], 4 * at);
  });
  [canvas.width, canvas.height] = [map.columns, map.rows];
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  // The last cells may be cut: the map is then larger than the picture.
  canvas.style.width = `${(100 * map.columns * map.cell) / width}%`;
  canvas.style.height = `${(100 * map.rows * map.cell) / height}%`;
}

function words() {
  const below = (least) => [...map.classes].filter((digit) => leastOf(digit) < least).length / map.classes.length;
  const percent = (share) => `${Math.round(100 * share)} %`;
  return `Local score below 50 in ${percent(below(50))} of the picture (orange), below 30 in ${percent(below(30))} (red): detail there may not be the original’s.`;
}
