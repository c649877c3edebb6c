/** The view "Status", and the line at the top of the page that says how the daemon is doing. */

import { close, get } from "./api.js";
import { act, byId, count, h, sentence, showProblem, size, span } from "./dom.js";
import { on, soon } from "./events.js";

const LOOK_MS = 5000;
const LANES = { view: "To view", encode: "To compress", background: "In the background" };
const PROCESSES = { view: "To view", work: "To compress", search: "At high effort" };
const STATES = { stopped: "Asleep", starting: "Starting", ready: "Ready", draining: "Ending" };

let timer = null;

/** Set the view up. */
export function start() {
  const refresh = soon(load);
  for (const kind of ["gap", "engine", "job", "client", "watch"]) on(kind, refresh);
  on("link", (up) => (up ? refresh() : pulse("down", "Not answering")));
  // Queue and cache have no events.
  timer = setInterval(() => document.visibilityState === "visible" && load(), LOOK_MS);
  const button = byId("close-session");
  button.addEventListener("click", () => act("status", button, close));
}

/** Look no more. */
export function stop() {
  clearInterval(timer);
}

/** Say at the top how it is. */
export function pulse(state, text) {
  byId("pulse").dataset.state = state;
  byId("pulse-text").textContent = text;
}

async function load() {
  try {
    const status = await get("/v1/status");
    showProblem("status", null);
    draw(status);
  } catch (error) {
    if (error.status !== 401) showProblem("status", error);
  }
}

function draw(status) {
  const { engine, cache } = status;
  const running = sum(engine.running);
  const waiting = sum(engine.queued);
  const busy = [running && `${running} in work`, waiting && `${waiting} waiting`].filter(Boolean).join(", ");
  if (busy) pulse("busy", busy);
  else pulse("up", engine.state === "ready" ? "Ready" : "Idle");
  byId("tiles").replaceChildren(
    tile("Engine", STATES[engine.state] ?? engine.state, [
      ["Device", engine.device ?? "none while asleep"],
      ["Memory", engine.resident_bytes ? size(engine.resident_bytes) : "none"],
      ["Short of memory", fallbacks(engine.rungs)],
    ]),
    tile("Models in memory", namesOf(engine.models), engine.models.map(residence)),
    tile(
      "Queue",
      sentence(busy || "empty"),
      Object.entries(LANES).map(([lane, word]) => [word, lanes(engine, lane)]),
    ),
    tile("Cache", count(cache.pictures, "picture"), [], meter(cache)),
    tile("Daemon", `Running for ${span(status.uptime_s)}`, [
      ["Address", status.url],
      ["Version", status.version],
      ["Process", String(status.pid)],
      ["Clients", String(status.clients)],
    ]),
  );
}

const sum = (lanes) => Object.values(lanes).reduce((all, one) => all + one, 0);

function lanes(engine, lane) {
  const [running, waiting] = [engine.running[lane] ?? 0, engine.queued[lane] ?? 0];
  return running || waiting ? `${running} in work, ${waiting} waiting` : "nothing";
}

const namesOf = (models) => [...new Set(models.map((model) => model.name))].join(", ") || "None";

/** A model is in the memory of each process that uses it. */
function residence(model) {
  const ends = model.expires_s === null ? "stays" : `goes in ${span(Math.max(0, model.expires_s))}`;
  return [PROCESSES[model.lane] ?? model.lane, `${size(model.bytes)} on ${model.device}, ${ends}`];
}

/** How often memory did not suffice at first; the usual ways are not falls. */
function fallbacks(rungs) {
  const falls = Object.entries(rungs).filter(([rung, times]) => !["batch", "single"].includes(rung) && times);
  return falls.length ? falls.map(([rung, times]) => `${rung} ${times}×`).join(", ") : "never";
}

function meter(cache) {
  const words = `${size(cache.bytes)} of ${size(cache.limit)}`;
  return h(
    "div",
    { className: "meter" },
    h("meter", { min: 0, max: Math.max(1, cache.limit), value: cache.bytes, "aria-label": "Cache" }),
    h("span", { textContent: words }),
  );
}

function tile(title, headline, facts, more = null) {
  const list = h("dl", {}, ...facts.flatMap(([name, value]) => [h("dt", { textContent: name }), h("dd", { textContent: value })]));
  return h(
    "section",
    { className: "panel tile", "aria-label": title },
    h("h2", { textContent: title }),
    headline && h("p", { className: "headline", textContent: headline }),
    facts.length ? list : null,
    more,
  );
}
