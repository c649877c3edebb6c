/** The view "Compare": a picture, its .sdz, and other formats at the same number of bytes. */

import { Problem, send } from "./api.js";
import { announce, byId, exact, showProblem, size, span } from "./dom.js";
import { on } from "./events.js";
import { fillModels, wanted, watchOptions } from "./options.js";
import { NAMES, PEERS, clearRows, fill, makeRows, say } from "./results.js";
import { divide } from "./slider.js";

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
  byId("file").addEventListener("change", (event) => take(event.target.files[0], name));
  byId("scale").addEventListener("click", toggleScale);
  acceptDrops((file) => take(file, name));
  on("gap", fillModels);
  on("job", (job) => job.state === "done" && fillModels());
}

function acceptDrops(accept) {
  const drop = byId("drop");
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  for (const kind of ["dragleave", "drop"]) {
    document.addEventListener(kind, () => drop.classList.remove("over"));
  }
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    accept(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", (event) => {
    const file = [...event.clipboardData.files].find((item) => item.type.startsWith("image/"));
    if (file) accept(file);
  });
}

/** Begin with a picture. */
async function take(file, name) {
  if (!file) return;
  location.hash = "#compare";
  showProblem("compare", null);
  if (file.name.toLowerCase().endsWith(".sdz")) {
    showProblem("compare", new Error("this is a .sdz file already; take the picture it was made from"));
    return;
  }
  byId("file").value = "";
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
  await compress(name);
}

function describe() {
  const { file, width, height } = source;
  const sides = width ? `${exact(width)} × ${exact(height)}, ` : "";
  byId("facts").textContent = `${sides}${size(file.size)}`;
  const frame = byId("frame");
  frame.style.setProperty("--w", String(width || 3));
  frame.style.setProperty("--h", String(height || 2));
}

/** Make the .sdz, show it, then make the others. What was under way is given up. */
async function compress(name) {
  running.abort();
  const { signal } = (running = new AbortController());
  forget();
  working("Compressing");
  say("sdz", "being made");
  try {
    const query = wanted();
    const reply = await send("POST", "/v1/encode", { query, body: source.file, headers: octets, signal });
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
    const row = results.get("sdz");
    announce(`Compressed to ${exact(row.bytes)} bytes, score ${row.score.toFixed(0)}, in ${span(row.seconds)}`);
    working("");
    for (const kind of PEERS) await makePeer(kind, data.size, signal);
  } catch (error) {
    if (error.name === "AbortError") return;
    say("sdz", "");
    showProblem("compare", error);
  } finally {
    if (!signal.aborted) working("");
  }
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
  };
}

/** Put a result under the slider. */
function show(kind, name) {
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

/** Say in the picture what is being done; nothing: it is done. */
function working(text) {
  const place = byId("working");
  place.hidden = !text;
  place.textContent = text;
  byId("frame").setAttribute("aria-busy", String(Boolean(text)));
}

function link(blob) {
  const url = URL.createObjectURL(blob);
  links.push(url);
  return url;
}

function forget() {
  showProblem("compare", null);
  clearRows();
  results.clear();
  byId("saves").hidden = true;
  byId("headline").hidden = true;
  byId("divider").hidden = true;
  byId("after").hidden = true;
  byId("after-tag").textContent = "";
  for (const url of links.splice(0)) URL.revokeObjectURL(url);
}

function toggleScale() {
  const actual = byId("frame").classList.toggle("actual");
  byId("frame").style.setProperty("--density", String(devicePixelRatio || 1));
  byId("scale").setAttribute("aria-pressed", String(actual));
  // What is compared is where the line is.
  const [stage, frame, divider] = ["stage", "frame", "divider"].map(byId);
  stage.scrollLeft = (frame.clientWidth * divider.getAttribute("aria-valuenow")) / 100 - stage.clientWidth / 2;
  stage.scrollTop = (frame.clientHeight - stage.clientHeight) / 2;
}
