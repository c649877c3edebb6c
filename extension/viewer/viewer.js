/**
 * The viewer: opens what the address names, or a file from the disk, and hears buttons, keys and drops.
 */

import { asRefused, demand, Refused } from "../shared/demand.js";
import { byId, saveBlob, say, show } from "../shared/dom.js";
import { nameOf, renamed } from "../shared/naming.js";
import { toCompress } from "./compressing.js";
import { close, current, details, open, retitle, showMap, stage, toOpen } from "./showing.js";
import { readHash } from "./source.js";

/** @typedef {import("../shared/scores.js").ScoreMap} ScoreMap */

const SDZ = "application/x-sdz";
const FLASH_MS = 1500;

/** Moves the key out of the address, where it would be copied along, to where only this entry of the tab's history has it. */
function takeKey() {
  const words = new URLSearchParams(location.search);
  const key = words.get("key");
  if (key === null) return;
  const rest = words.has("check") ? "?check" : "";
  history.replaceState({ key }, "", location.pathname + rest + location.hash);
}

/** Opens what the address asks for. */
function follow() {
  takeKey();
  const wanted = readHash(location.hash);
  if (wanted.kind === "nothing") close(choose);
  else if (wanted.kind === "compress") void open(toCompress(wanted.id), choose);
  else if (wanted.kind === "address") {
    const key = history.state?.key; // of this entry: a page may have changed what follows the #
    const it = toOpen(nameOf(wanted.url), async () => {
      const { bytes, name } = await load(wanted.url, key);
      if (name) retitle(it, name);
      return bytes;
    });
    void open(it, choose);
  }
  else void open(toOpen("sdz viewer", () => Promise.reject(new Refused("unreachable", wanted.text))), choose);
}

/**
 * The bytes behind an address. What only its name called a .sdz is handed back to the browser.
 * @param {string} url @param {string} [key] without it, it is fetched as for a page
 * @returns {Promise<{bytes: ArrayBuffer, name?: string}>} `name`: what the server calls it
 */
async function load(url, key) {
  try {
    return await demand("fetch", { url, key });
  } catch (error) {
    if (location.search === "?check" && asRefused(error).code === "not-sdz") await demand("handback", { url });
    throw error;
  }
}

function choose() {
  byId("file").click();
}

/** @param {File | undefined} file */
function openFile(file) {
  if (!file) return;
  // The address no longer says what is shown.
  if (location.hash) history.replaceState(null, "", location.pathname);
  void open(toOpen(file.name, () => file.arrayBuffer()), choose);
}

async function copy() {
  const png = current()?.png;
  if (!png) return;
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
    flash(byId("copy"), "Copied");
  } catch {
    flash(byId("copy"), "Not copied");
  }
}

/** Says for a moment on a button what it did. @param {HTMLElement} button @param {string} words */
function flash(button, words) {
  const before = button.dataset["words"] ?? button.textContent ?? "";
  button.dataset["words"] = before;
  button.textContent = words;
  say(words);
  setTimeout(() => {
    button.textContent = before;
  }, FLASH_MS);
}

function savePng() {
  const it = current();
  if (it?.png) saveBlob(it.png, renamed(it.name, "png"));
}

function saveOriginal() {
  const it = current();
  if (it?.data) saveBlob(new Blob([it.data], { type: SDZ }), renamed(it.name, "sdz"));
}

function toggleDetails() {
  if (current()?.info) details(Boolean(byId("report").hidden));
}

/** Lays over the picture where detail may have been invented, or takes that away. */
async function toggleMap() {
  const it = current();
  if (!it?.info?.map_bytes || !it.data) return;
  if (!byId("map").hidden) return showMap(it, null);
  try {
    it.map ??= /** @type {ScoreMap | null} */ ((await demand("scores", { bytes: it.data })).map);
  } catch {
    // The picture is shown all the same; the button says that its map is not.
  }
  if (current() !== it) return undefined;
  return it.map ? showMap(it, it.map) : flash(byId("show-map"), "No map");
}

/** @type {Map<string, () => void>} */
const KEYS = new Map([
  ["+", () => stage.step(1)],
  ["=", () => stage.step(1)],
  ["-", () => stage.step(-1)],
  ["0", () => stage.fit()],
  ["1", () => stage.zoomTo(1)],
  ["o", choose],
  ["i", toggleDetails],
  ["m", toggleMap],
]);

function listen() {
  byId("larger").onclick = () => stage.step(1);
  byId("smaller").onclick = () => stage.step(-1);
  byId("level").onclick = () => stage.toggle();
  byId("open").onclick = choose;
  byId("copy").onclick = copy;
  byId("save-png").onclick = savePng;
  byId("save-sdz").onclick = saveOriginal;
  byId("details").onclick = toggleDetails;
  byId("show-map").onclick = toggleMap;
  addEventListener("hashchange", follow);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = KEYS.get(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  });
  const file = /** @type {HTMLInputElement} */ (byId("file"));
  file.onchange = () => {
    const chosen = file.files?.[0];
    file.value = ""; // so that the same file can be chosen again
    openFile(chosen);
  };
  listenForDrops();
}

function listenForDrops() {
  let inside = 0; // how many elements the dragged file is within
  const mark = (/** @type {number} */ depth) => {
    inside = Math.max(0, depth);
    show(byId("drop"), inside > 0);
  };
  addEventListener("dragenter", (event) => {
    if (event.dataTransfer?.types.includes("Files")) mark(inside + 1);
  });
  addEventListener("dragleave", () => mark(inside - 1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    mark(0);
    openFile(event.dataTransfer?.files[0]);
  });
}

// Any site may send a tab here, but none may put this page into one of its own: it would look like the site's.
if (window.top === window) {
  listen();
  follow();
} else {
  document.body.replaceChildren();
}
