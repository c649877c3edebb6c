/** The view "Compare": a picture, its .sdz, and other formats at the same number of bytes. */

import { Problem, send } from "./api.js";
import { announce, byId, exact, h, showProblem, size, span } from "./dom.js";
import { acceptFiles } from "./drops.js";
import { on } from "./events.js";
import { grade } from "./grades.js";
import { begin, find, follow, words } from "./job.js";
import { startMany } from "./many.js";
import { fetchMap, forgetMap, mapFits, startMap } from "./map.js";
import { fillModels, wanted, watchOptions } from "./options.js";
import { NAMES, PEERS, clearRows, fill, makeRows, say } from "./results.js";
import { divide } from "./slider.js";
import { resetStage, startStage } from "./stage.js";

const KEPT = "sdz-compare-job";
const KEEP_MS = 60_000;

/** @type {{file: File, url: string, width: number, height: number}|null} */
let source = null;
let running = new AbortController();
/** @type {Map<string, import("./results.js").Result>} */
const results = new Map();
const links = [];

/** Set the view up. */
export function start() {
  const name = divide(byId("frame"), byId("divider"));
  makeRows((kind) => show(kind, name));
  watchOptions(() => source && compress(name));
  startStage();
  startMap();
  const many = startMany((file) => take(file, name));
  acceptFiles((files, others) => (files.length === 1 && !others ? take(files[0], name) : many(files, others)));
  byId("cancel").addEventListener("click", () => running.abort());
  byId("again").addEventListener("click", () => compress(name));
  on("gap", fillModels);
  on("job", (job) => job.kind === "pull" && job.state === "done" && fillModels());
  setInterval(() => kept() && !document.hidden && find(kept()).catch(() => {}), KEEP_MS);
  return () => bringBack(name);
}

const kept = () => sessionStorage.getItem(KEPT);

/** After a reload: the picture that was there, and its job as far as it is now. */
async function bringBack(name) {
  const id = kept();
  const there = id ? await find(id) : null;
  if (!there) {
    sessionStorage.removeItem(KEPT);
    return;
  }
  await take(there.file, name, id);
}

/** Begin with a picture. id: of the job that compresses it already. */
async function take(file, name, id = null) {
  if (!file) return;
  if (!id) location.hash = "#compare";
  showProblem("compare", null);
  if (file.name.toLowerCase().endsWith(".sdz")) {
    showProblem("compare", new Error("this is a .sdz file already; take the picture it was made from"));
    return;
  }
  if (source) URL.revokeObjectURL(source.url);
  const url = URL.createObjectURL(file);
  const before = byId("before");
  before.src = url;
  // What the browser cannot show (TIFF, say) can be compressed all the same.
  const shown = await before.decode().then(() => true, () => false);
  source = { file, url, width: before.naturalWidth, height: before.naturalHeight };
  before.hidden = !shown;
  byId("before-tag").hidden = !shown;
  byId("drop").hidden = true;
  byId("workbench").hidden = false;
  byId("name").textContent = file.name || "Pasted picture";
  describe();
  resetStage();
  await compress(name, id);
}

function describe() {
  const { file, width, height } = source;
  const sides = width ? `${exact(width)} × ${exact(height)}, ` : "";
  byId("facts").textContent = `${sides}${size(file.size)}`;
  const frame = byId("frame");
  frame.style.setProperty("--w", String(width || 3));
  frame.style.setProperty("--h", String(height || 2));
}

/**
 * Make the .sdz, show it, then make the others. What was under way is given up.
 * @param {(other: string) => void} name
 * @param {string|null} id  of a job that makes it already
 */
async function compress(name, id = null) {
  running.abort();
  const { signal } = (running = new AbortController());
  forget();
  working("Compressing");
  say("sdz", "being made");
  try {
    const job = id ?? (await begin(source.file, wanted(), signal));
    sessionStorage.setItem(KEPT, job);
    const reply = await follow(job, (at) => working(words(at), at.share), signal);
    const data = await reply.blob();
    const written = figures(reply);
    source.width ||= Number(reply.headers.get("Sdz-Width"));
    source.height ||= Number(reply.headers.get("Sdz-Height"));
    describe();
    working("Decoding");
    const picture = await decode(data, signal);
    results.set("sdz", { ...written, bytes: data.size, url: link(picture) });
    fill("sdz", results.get("sdz"), source.width * source.height);
    show("sdz", name);
    offer(data, picture);
    explain(written);
    await fetchMap(data, source, signal);
    const row = results.get("sdz");
    announce(`Compressed to ${exact(row.bytes)} bytes, score ${row.score.toFixed(0)}, in ${span(row.seconds)}`);
    working("");
    for (const kind of PEERS) await makePeer(kind, data.size, signal);
  } catch (error) {
    if (signal !== running.signal) return; // something else is being made
    sessionStorage.removeItem(KEPT);
    say("sdz", error.name === "AbortError" ? "cancelled" : "");
    byId("again").hidden = false;
    if (document.activeElement === byId("cancel")) byId("again").focus();
    if (error.name === "AbortError") announce("Cancelled");
    else showProblem("compare", error);
  } finally {
    if (signal === running.signal) working("");
  }
}

/** The score in words, and what was changed on the way in. */
function explain({ score, notes }) {
  const { look, name: word, about } = grade(score);
  const place = byId("verdict");
  place.replaceChildren(h("span", { className: `badge ${look}`, textContent: word }), ` ${about}`);
  place.hidden = !Number.isFinite(score);
  byId("notes").replaceChildren(...notes.map((note) => h("li", { textContent: note })));
}

const octets = { "Content-Type": "application/octet-stream" };

async function decode(data, signal) {
  const headers = { "Content-Type": "application/x-sdz", Accept: "image/png" };
  return (await send("POST", "/v1/decode", { body: data, headers, signal })).blob();
}

async function makePeer(kind, bytes, signal) {
  say(kind, "being made");
  try {
    const query = { format: kind, bytes };
    const reply = await send("POST", "/v1/compare", { query, body: source.file, headers: octets, signal });
    const data = await reply.blob();
    const fits = reply.headers.get("Sdz-Fits") === "1";
    results.set(kind, { ...figures(reply), bytes: data.size, url: link(data), fits });
    fill(kind, results.get(kind), source.width * source.height);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    say(kind, error instanceof Problem ? error.message : "not made");
  }
}

/** What was measured, from the headers of an answer. */
function figures(reply) {
  const value = (header) => Number(reply.headers.get(header) ?? NaN);
  return {
    score: value("Sdz-Score"),
    worst: value("Sdz-Worst-Region"),
    seconds: value("Sdz-Seconds"),
    notes: JSON.parse(reply.headers.get("Sdz-Notes") ?? "[]"),
  };
}

/** Put a result under the slider. */
function show(kind, name) {
  mapFits(kind === "sdz");
  const after = byId("after");
  after.src = results.get(kind).url;
  after.alt = `The picture as ${NAMES[kind]}`;
  after.hidden = false;
  byId("after-tag").textContent = NAMES[kind];
  byId("divider").hidden = byId("before").hidden;
  name(NAMES[kind]);
}

function offer(data, picture) {
  const stem = (source.file.name || "picture").replace(/\.[^.]*$/, "");
  for (const [id, blob, ending] of [["save-sdz", data, "sdz"], ["save-png", picture, "png"]]) {
    const save = byId(id);
    save.href = link(blob);
    save.download = `${stem}.${ending}`;
  }
  byId("saves").hidden = false;
  byId("headline").textContent = share(data.size, source.file.size);
  byId("headline").hidden = false;
}

/** How much is left of a file. */
function share(bytes, whole) {
  const percent = (100 * bytes) / whole;
  const shown = percent < 9.95 ? percent.toFixed(1) : Math.round(percent);
  return `${size(bytes)}, ${shown} % of ${size(whole)}`;
}

/**
 * Say in the picture what is being done; nothing: it is done.
 * @param {string} text
 * @param {number} [share]  of the whole, where it is known
 */
function working(text, share) {
  byId("working").hidden = !text;
  byId("working-text").textContent = text;
  const bar = byId("working-bar");
  if (share === undefined) bar.removeAttribute("value");
  else bar.value = share;
  byId("frame").setAttribute("aria-busy", String(Boolean(text)));
}

function link(blob) {
  const url = URL.createObjectURL(blob);
  links.push(url);
  return url;
}

function forget() {
  forgetMap();
  showProblem("compare", null);
  clearRows();
  results.clear();
  byId("saves").hidden = true;
  byId("again").hidden = true;
  byId("verdict").hidden = true;
  byId("notes").replaceChildren();
  byId("headline").hidden = true;
  byId("divider").hidden = true;
  byId("after").hidden = true;
  byId("after-tag").textContent = "";
  for (const url of links.splice(0)) URL.revokeObjectURL(url);
}
