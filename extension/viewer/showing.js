/**
 * One picture from its bytes to the stage: what it is, the preview, then the picture itself.
 *
 * Each file that is opened has an AbortController of its own; opening the next one ends it, and nothing
 * that arrives late is shown.
 */

import { isSdz } from "../background/header.js";
import { asRefused, demand, Refused } from "../shared/demand.js";
import { byId, say, show } from "../shared/dom.js";
import { drawMap, inWords } from "../shared/scores.js";
import { bytes } from "../shared/units.js";
import { tell, welcome } from "./notice.js";
import { describe } from "./report.js";
import { Stage } from "./stage.js";

/** @typedef {import("./report.js").Info} Info */
/** @typedef {import("../shared/scores.js").ScoreMap} ScoreMap */
/**
 * What is open. `read` gets its bytes; the other parts are null until they are known.
 * @typedef {{name: string, read: () => Promise<ArrayBuffer>, data: ArrayBuffer | null, info: Info | null, png: Blob | null, map?: ScoreMap | null, madeFrom?: {bytes: number, name: string}, notes?: string[]}} Opened
 */

const FADE_MS = 250;
const WIDE = 1000; // CSS pixels: room for the details beside the picture
const SHOWN_LATER = ["zooming", "stop", "copy", "save-png", "save-sdz", "details", "report", "notice", "drop", "show-map", "map"];

/** @type {Opened | null} */
let opened = null;
let leave = new AbortController();
let sayZoom = 0;

export const stage = new Stage(
  { view: byId("view"), box: byId("box"), preview: byId("preview"), picture: byId("picture") },
  (scale, fitted, asked) => {
    const level = scale >= 0.1 ? Math.round(scale * 100) : Number((scale * 100).toPrecision(2));
    const button = byId("level");
    button.textContent = `${level} %`;
    button.setAttribute("aria-label", `${level} percent${fitted ? ", whole picture" : ""}. Switch between own size and whole picture`);
    clearTimeout(sayZoom);
    if (asked && document.activeElement !== button) sayZoom = window.setTimeout(() => say(`${level} percent`), 600);
  },
);

/** What is open now. */
export function current() {
  return opened;
}

/**
 * @param {string} name @param {() => Promise<ArrayBuffer>} read
 * @returns {Opened} to be opened
 */
export function toOpen(name, read) {
  return { name, read, data: null, info: null, png: null };
}

/**
 * Shows a picture, trying again as often as it is worth.
 * @param {Opened} next @param {() => void} choose opens another file
 */
export async function open(next, choose) {
  const signal = begin(next);
  while (!signal.aborted) {
    busy("Loading…");
    try {
      await showAll(next, signal);
      return;
    } catch (error) {
      if (signal.aborted) return;
      busy(null);
      await tell(asRefused(error), { model: next.info?.model ?? "", choose, signal });
    }
  }
}

/** Nothing is open. @param {() => void} choose */
export function close(choose) {
  begin(null);
  busy(null);
  document.title = "sdz viewer";
  byId("name").textContent = "sdz viewer";
  welcome(choose);
}

/** Clears the page for what comes next. @param {Opened | null} next */
function begin(next) {
  leave.abort();
  leave = new AbortController();
  opened = next;
  stage.clear();
  if (next) retitle(next, next.name);
  byId("facts").textContent = "";
  byId("report").replaceChildren();
  for (const id of SHOWN_LATER) show(byId(id), false);
  byId("details").setAttribute("aria-expanded", "false");
  byId("show-map").setAttribute("aria-pressed", "false");
  return leave.signal;
}

/** @param {Opened} it @param {AbortSignal} signal */
async function showAll(it, signal) {
  it.data ??= await it.read();
  signal.throwIfAborted();
  const { data } = it;
  if (!isSdz(new Uint8Array(data))) throw new Refused("not-sdz", "");
  show(byId("save-sdz"), true);
  if (!it.info) {
    it.info = /** @type {Info} */ ((await demand("inspect", { bytes: data })).info);
    signal.throwIfAborted();
    unveil(it, it.info);
  }
  busy("Decoding…");
  const previewed = demand("decode", { bytes: data, format: "png", preview: true })
    .then(async (answer) => {
      if (!signal.aborted && !it.png) await stage.paint("preview", toBlob(answer), `Preview of ${it.name}`);
    })
    .catch(() => {}); // a model may have no preview; the picture itself says what is wrong
  const png = toBlob(await demand("decode", { bytes: data, format: "png" }));
  signal.throwIfAborted();
  it.png = png;
  await stage.paint("picture", png, it.name);
  await previewed;
  signal.throwIfAborted();
  setTimeout(() => {
    if (!signal.aborted) byId("preview").hidden = true; // or it would show through where the picture is clear
  }, FADE_MS);
  show(byId("save-png"), true);
  show(byId("copy"), true);
  busy(null);
  say(`${it.name}, ${it.info.width} by ${it.info.height} pixels, is shown`);
}

/** @param {{bytes: ArrayBuffer, type: string}} answer */
function toBlob(answer) {
  return new Blob([answer.bytes], { type: answer.type });
}

/** What is known before any pixel is. @param {Opened} it @param {Info} info */
function unveil(it, info) {
  byId("facts").textContent = `${info.width} × ${info.height} · ${bytes(info.bytes)} · ${info.model}`;
  byId("report").replaceChildren(...describe(info, it));
  show(byId("zooming"), true);
  show(byId("details"), true);
  show(byId("show-map"), Boolean(info.map_bytes));
  if (it.madeFrom || innerWidth >= WIDE) details(true);
  stage.layOut(info, Boolean(info.alpha_bytes));
}

/** The picture's name became known, or changed. @param {Opened} it @param {string} name */
export function retitle(it, name) {
  it.name = name;
  if (opened !== it) return;
  document.title = name;
  byId("name").textContent = name;
}

/** What is being done, or null. @param {string | null} words */
export function busy(words) {
  show(byId("busy"), words !== null);
  byId("busy").textContent = words ?? "";
  byId("view").setAttribute("aria-busy", String(words !== null));
}

/** The map over the picture; null takes it away. @param {Opened} it @param {ScoreMap | null} map */
export function showMap(it, map) {
  const canvas = /** @type {HTMLCanvasElement} */ (byId("map"));
  if (map && it.info) {
    drawMap(canvas, map, it.info);
    say(inWords(map));
  }
  show(canvas, Boolean(map));
  byId("show-map").setAttribute("aria-pressed", String(Boolean(map)));
  if (it.info) byId("report").replaceChildren(...describe(it.info, { ...it, map }));
}

/** The panel at the side. @param {boolean} on */
export function details(on) {
  show(byId("report"), on);
  byId("details").setAttribute("aria-expanded", String(on));
}
