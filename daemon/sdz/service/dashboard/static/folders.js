/** The view "Folders": what is watched and how far it is, adding, trying again, bringing back. */

import { get, post, send } from "./api.js";
import { act, announce, byId, count, h, showProblem, size, span, sync } from "./dom.js";
import { confirm } from "./confirm.js";
import { on, soon } from "./events.js";

const ALL = 1_000_000;
const AIMS = ["quality", "target_bytes", "min_score"];

/** The folder whose wishes are in the form, if it is not for a new one. */
let changing = null;
/** @type {Map<string, any>} */
const rows = new Map();
const STATES = {
  starting: "Starting",
  watching: "Watching",
  polling: "Looking now and then",
  "overflow-rescan": "Looking at everything",
  "missing-root": "Folder is gone",
  "missing-out": "Folder for results is gone",
  "disk-full": "Disk is full",
  "read-only": "Cannot be written",
  "model-missing": "Model is missing",
  paused: "Paused",
  stopped: "Stopped",
};

/** Set the view up. */
export function start() {
  const refresh = soon(load, 400);
  on("gap", refresh);
  on("watch", refresh);
  byId("change-not").addEventListener("click", () => change(null));
  byId("add-folder").addEventListener("input", () => showProblem("folders", null));
  byId("add-folder").addEventListener("submit", (event) => {
    event.preventDefault();
    act("folders", event.submitter ?? event.target.querySelector("button"), add);
  });
}

async function load() {
  try {
    const { watches } = await get("/v1/watches");
    sync(byId("folders"), watches, { id: (row) => row.id, make, update, empty: "No folder is watched yet." });
  } catch (error) {
    if (error.status !== 401) showProblem("folders", error);
  }
}

async function add() {
  const root = byId("root").value.trim();
  const preset = byId("folder-preset").value;
  const originals = byId("originals").value;
  const metadata = byId("folder-metadata").value;
  const before = changing ?? {};
  if (originals === "trash" && before.originals !== "trash") {
    const text = `Each picture in ${root} goes to the trash once its .sdz is written and has been decoded again. `
      + "Undo brings them back as long as the trash is not emptied.";
    if (!(await confirm("Move the originals to the trash?", text, "Move them"))) return;
  }
  const aim = preset
    ? { preset }
    : Object.fromEntries(AIMS.filter((name) => before[name] != null).map((name) => [name, before[name]]));
  const same = changing ? { model: before.model, effort: before.effort, out: before.out } : {};
  await post("/v1/watches", {
    ...same, ...aim, root, originals,
    keep_metadata: metadata !== "drop",
    keep_location: metadata === "place",
  });
  announce(changing ? `${root} is changed` : `${root} is watched`);
  change(null);
  await load();
}

/** Put a folder's wishes into the form, to be changed; null: the form is for a new folder. */
function change(row) {
  changing = row;
  byId("add-title").textContent = row ? "Change what is asked for" : "Watch a folder";
  byId("watch-button").textContent = row ? "Change" : "Watch";
  byId("change-not").hidden = !row;
  const root = byId("root");
  root.readOnly = Boolean(row);
  root.value = row ? row.root : "";
  byId("folder-preset").value = row ? presetOf(row) : "standard";
  byId("folder-preset").querySelector("[value='']").hidden = !row;
  byId("originals").value = row ? row.originals : "keep";
  byId("folder-metadata").value = row && !row.keep_metadata ? "drop" : row?.keep_location ? "place" : "keep";
  if (row) byId("folder-preset").focus();
}

function presetOf(row) {
  if (row.target_bytes != null || row.min_score != null) return "";
  return row.quality == null ? (row.preset ?? "standard") : "";
}

/** What is asked for, in words. */
function wishOf(row) {
  const preset = presetOf(row);
  const aim = preset ? preset[0].toUpperCase() + preset.slice(1)
    : row.target_bytes != null ? `At most ${size(row.target_bytes)}`
      : row.min_score != null ? `Score ${row.min_score} or more` : `Quality ${row.quality}`;
  return [
    aim,
    row.model,
    row.effort === "high" && "high effort",
    row.originals === "trash" ? "originals go to the trash" : "originals stay",
    row.keep_location ? "EXIF kept with the place" : row.keep_metadata ? "EXIF kept, not the place" : "EXIF left out",
    row.out && `written to ${row.out}`,
  ].filter(Boolean).join(" · ");
}

/** The names of what is in work, and how far each is. */
function inWork(row) {
  return row.in_work.map((name) => (row.stages[name] ? `${name} (${row.stages[name]})` : name)).join(", ");
}

function make(row) {
  const path = `/v1/watches/${encodeURIComponent(row.id)}`;
  const node = h(
    "li",
    { className: "card panel" },
    h("div", { className: "card-head" }, h("h2", { className: "path" }), h("span", { className: "badge" })),
    h("p", { className: "about reason", hidden: true }),
    h("progress", { "aria-label": `Progress of ${row.root}` }),
    h("p", { className: "about counts" }),
    h("p", { className: "about wish" }),
    h("div", { className: "buttons" }),
    h("details", { hidden: true, ontoggle: (event) => event.target.open && showNotes(event.target, path) },
      h("summary", { textContent: "Files without a .sdz, and why" }), h("ul", { className: "notes" })),
  );
  for (const [word, label, work] of [
    ["change", "Change…", async () => change(rows.get(row.id))],
    ["pause", "Pause", () => post(`${path}/pause`)],
    ["resume", "Go on", () => post(`${path}/resume`)],
    ["rescan", "Look again", () => post(`${path}/rescan`)],
    ["retry", "Try them again", () => retry(path)],
    ["undo", "Undo the last…", () => undo(path, row, 1)],
    ["undo", "Undo all…", () => undo(path, row, ALL)],
    ["remove", "Stop watching", () => remove(path, row)],
  ]) {
    const button = h("button", {
      type: "button",
      textContent: label,
      "data-word": word,
      "aria-label": `${label} ${row.root}`,
      onclick: () => act("folders", button, () => work().finally(load)),
    });
    node.querySelector(word === "retry" ? "details" : ".buttons").append(button);
  }
  return node;
}

function update(node, row) {
  rows.set(row.id, row);
  node.querySelector(".wish").textContent = wishOf(row);
  node.querySelector(".path").textContent = row.root;
  const badge = node.querySelector(".badge");
  badge.textContent = STATES[row.state] ?? row.state;
  badge.dataset.state = row.reason && !row.paused ? "wrong" : row.state;
  const reason = node.querySelector(".reason");
  reason.textContent = [!row.paused && row.reason, row.hindrance].filter(Boolean).join("; ");
  reason.hidden = !reason.textContent;
  const wrong = row.failed + row.bad;
  const all = row.waiting + row.running + row.done + row.refused + wrong;
  const bar = node.querySelector("progress");
  bar.max = Math.max(1, all);
  bar.value = all - row.waiting - row.running;
  bar.hidden = !all;
  node.querySelector(".counts").textContent = [
    `${count(row.done, "picture")} done`,
    row.saved_bytes > 0 && `${size(row.saved_bytes)} saved`,
    row.percent != null && `${Math.round(row.percent)} %`,
    row.per_minute && `${row.per_minute} a minute`,
    row.left_s != null && `about ${span(row.left_s)} left`,
    row.running && [`${row.running} in work`, inWork(row)].filter(Boolean).join(": "),
    row.waiting && `${row.waiting} waiting`,
    row.refused && `${row.refused} left alone`,
    row.undone && `${row.undone} brought back`,
    wrong && `${wrong} failed`,
    row.not_trashed && `${row.not_trashed} not taken by the trash`,
    ...Object.entries(row.left_alone ?? {}).map(([kind, files]) => `${files} ${kind} not read`),
  ].filter(Boolean).join(" · ");
  const [shown, away] = (row.paused ? ["resume", "pause"] : ["pause", "resume"]).map(
    (word) => node.querySelector(`[data-word=${word}]`),
  );
  shown.hidden = false;
  if (document.activeElement === away) shown.focus(); // in whose place it is
  away.hidden = true;
  for (const button of node.querySelectorAll("[data-word=undo]")) {
    button.hidden = !row.done || row.originals !== "trash"; // originals that were kept are there
  }
  const details = node.querySelector("details");
  details.hidden = !(wrong || row.refused || row.not_trashed || row.unfinished);
}

async function showNotes(details, path) {
  try {
    const { notes } = await get(path);
    details.querySelector("ul").replaceChildren(
      ...notes.map((note) => h("li", {}, h("strong", { textContent: note.path }), ` ${note.reason}`)),
    );
  } catch (error) {
    showProblem("folders", error);
  }
}

async function retry(path) {
  const { files } = await post(`${path}/retry`);
  announce(`${count(files, "file")} will be tried again`);
}

async function undo(path, row, most) {
  const [title, what] =
    most === 1
      ? ["Undo the last one?", "The original that was moved to the trash last comes"]
      : ["Undo all?", "All originals that were moved to the trash come"];
  const text = `${what} back to ${row.root}. What was made of it goes to the trash in exchange.`;
  if (!(await confirm(title, text, "Undo"))) return;
  const { files } = await post(`${path}/undo`, { count: most });
  const left = files.filter((file) => !file.restored);
  announce(`${count(files.length - left.length, "original")} brought back`);
  if (left.length) {
    const [{ path: name, reason }] = left;
    throw new Error(`${count(left.length, "original")} not brought back; ${name}: ${reason}`);
  }
}

async function remove(path, row) {
  const text = "What was made stays as it is, and so do the originals. New pictures are left alone.";
  if (!(await confirm(`Stop watching ${row.root}?`, text, "Stop watching"))) return;
  await send("DELETE", path);
  announce(`${row.root} is no longer watched`);
}
