/**
 * The popup: who decodes, the daemon or the extension itself, which model is missing, and this page's pictures.
 */

import { ask } from "../shared/ask.js";
import { asRefused } from "../shared/demand.js";
import { byId, make, say, show } from "../shared/dom.js";
import { ALONE, codeOf, explain, TOGETHER } from "../shared/problems.js";
import { fillBar, models, modelWords, progressWords, pull, pulling, pullWords } from "../shared/pull.js";
import { count } from "../shared/units.js";
import { missingModels, row, total } from "./pictures.js";

/** @typedef {import("./pictures.js").Picture} Picture */

const LOOK_MS = 1500;
const closing = new AbortController(); // a popup is closed by being thrown away
/** Models with a line of their own, so that a download in progress is not drawn anew each time. */
/** @type {Map<string, HTMLElement>} */
const lines = new Map();
let shownState = "";
let shownPictures = "";

/** The tab that the popup is about. In tests, and where the popup is a page, `?tab=ID`. */
async function tabOf() {
  const told = Number(new URLSearchParams(location.search).get("tab"));
  if (told) return chrome.tabs.get(told);
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  return tab;
}

/** @param {{daemon: string, version?: string, port?: number, seen?: boolean}} status */
function showState(status) {
  const key = JSON.stringify(status);
  if (key === shownState) return;
  shownState = key;
  const found = status.daemon === "found";
  const state = byId("state");
  state.className = `state faint ${found ? "found" : "alone"}`;
  byId("version").textContent = found && status.version ? `sdz ${status.version}, port ${status.port}` : "";
  show(byId("remedy"), !found);
  show(byId("gives"), found);
  byId("gives-about").textContent = TOGETHER;
  if (found) {
    state.textContent = "Decoding by sdz";
    return;
  }
  const code = codeOf(status);
  const problem = explain(code);
  state.textContent = "Decoding here";
  byId("remedy-title").textContent = code === "unseen" ? "sdz on this computer: not found yet" : problem.title;
  byId("remedy-about").textContent = ALONE;
  byId("remedy-steps").replaceChildren(stepOf(code, problem.remedy));
}

/** What can be done about it. @param {string} code @param {string} remedy */
function stepOf(code, remedy) {
  if (code === "unseen") return make("button", { type: "button", onclick: openWelcome }, "How to have it…");
  if (remedy === "pair") return make("button", { type: "button", className: "main", onclick: openOptions }, "Pair…");
  return make("p", {}, "In a terminal: ", make("code", {}, "sdz serve"));
}

function openWelcome() {
  void chrome.tabs.create({ url: chrome.runtime.getURL("welcome/welcome.html") });
  window.close();
}

function openOptions() {
  chrome.runtime.openOptionsPage();
  window.close();
}

/** @param {string} [url] */
async function openViewer(url) {
  await ask("open", { url: url ?? "" });
  window.close();
}

/** All models that the daemon has or could have, once they are asked for. */
async function listModels() {
  if (!(/** @type {HTMLDetailsElement} */ (byId("gives")).open)) return;
  const words = { "built-in": "built in", installed: "here", missing: "not here", damaged: "damaged" };
  byId("all-models").replaceChildren(
    ...(await models()).map((model) =>
      make(
        "li",
        {},
        make("span", { className: "name" }, `${model.name} `, make("span", { className: "faint" }, words[model.state])),
        make("span", { className: "facts faint" }, modelWords(model)),
      ),
    ),
  );
}

/** @param {Picture[]} pictures */
function showPictures(pictures) {
  const key = JSON.stringify(pictures);
  if (key === shownPictures) return;
  shownPictures = key;
  const sum = total(pictures);
  byId("count").textContent = sum.count;
  byId("sum").textContent = sum.sum;
  show(byId("legend"), pictures.some(({ state, score }) => state === "shown" && score !== null));
  const list = byId("pictures");
  // The focus would be lost with the row that has it.
  const focused = [...list.querySelectorAll("button")].findIndex((button) => button === document.activeElement);
  list.replaceChildren(
    ...pictures.map(row).map(({ url, name, facts, chip, look, label }) =>
      make(
        "li",
        {},
        make(
          "button",
          { type: "button", className: "picture", title: url, "aria-label": label, onclick: () => openViewer(url) },
          make("span", { className: "name" }, name),
          make("span", { className: "facts faint" }, facts),
          make("span", { className: `chip ${look}` }, chip),
        ),
      ),
    ),
  );
  list.querySelectorAll("button")[focused]?.focus();
}

/**
 * One line for each model that is missing or arriving.
 * @param {{name: string, waiting: number}[]} missing
 */
async function showModels(missing) {
  for (const { name, waiting } of missing) {
    if (lines.has(name)) continue;
    const line = modelLine(name, waiting, await pullWords(name));
    lines.set(name, line);
    byId("models").append(line);
  }
  for (const [name, line] of lines) {
    if (line.dataset.state === "idle" && !missing.some((model) => model.name === name)) {
      line.remove();
      lines.delete(name);
    }
  }
  show(byId("models"), lines.size > 0);
}

/** @param {string} name @param {number} waiting pictures @param {{get: string, about: string}} words */
function modelLine(name, waiting, { get, about: facts }) {
  const bar = make("progress", { "aria-label": `${name} arriving` });
  const words = make("p", { className: "faint figures" });
  const button = make("button", { type: "button", className: "main" }, get);
  const about = waiting ? `${count(waiting, "picture")} on this page ${waiting === 1 ? "needs" : "need"} it.` : "";
  const going = make("div", { hidden: true }, bar, words);
  const steps = make("div", { className: "row steps" }, button);
  const line = make(
    "li",
    { className: "card" },
    make("h3", {}, `The model ${name} is missing`),
    make("p", {}, about),
    make("p", { className: "faint" }, facts),
    going,
    steps,
  );
  line.dataset.state = "idle";
  button.onclick = async () => {
    line.dataset.state = "busy";
    show(going, true);
    show(steps, false);
    words.textContent = "Starting…";
    say(`Fetching ${name}`);
    try {
      await pull(
        name,
        (job) => {
          fillBar(bar, job);
          words.textContent = progressWords(job);
        },
        closing.signal,
      );
      say(`${name} is here`);
    } catch (error) {
      if (closing.signal.aborted) return;
      const { code, message } = asRefused(error);
      const problem = explain(code, message);
      show(steps, true);
      button.textContent = "Try again";
      bar.hidden = true;
      words.textContent = `${problem.title}. ${problem.about}`;
      say(words.textContent);
    }
    line.dataset.state = "idle";
  };
  return line;
}

/** @param {string | undefined} origin @param {number | undefined} tabId */
async function showSite(origin, tabId) {
  const toggle = /** @type {HTMLInputElement} */ (byId("site"));
  const known = origin && /^https?:/.test(origin) ? origin : "";
  show(byId("page"), Boolean(known));
  if (!known) return;
  byId("host").textContent = new URL(known).host;
  const answer = await ask("site", { origin: known });
  if (answer.ok) toggle.checked = answer.on;
  showOff(!toggle.checked);
  byId("reload").onclick = async () => {
    if (tabId !== undefined) await chrome.tabs.reload(tabId);
    window.close();
  };
  toggle.onchange = async () => {
    const set = await ask("site", { origin: known, on: toggle.checked });
    if (set.ok) toggle.checked = set.on;
    show(byId("site-note"), true);
    showOff(!toggle.checked);
    say("Reload the page to see the change.");
  };
}

/** Where the site is off, what was shown there before is no news. @param {boolean} off */
function showOff(off) {
  byId("page").classList.toggle("off", off);
}

async function start() {
  byId("options").onclick = openOptions;
  byId("open").onclick = () => openViewer();
  byId("gives").addEventListener("toggle", listModels);
  addEventListener("pagehide", () => closing.abort());
  const tab = await tabOf();
  let sited = false;
  for (;;) {
    const status = await ask("status");
    showState(status.ok ? status : { daemon: status.code });
    const found = tab?.id === undefined ? null : await ask("page", { tabId: tab.id });
    const pictures = found?.ok ? found.pictures : [];
    if (!sited) {
      await showSite(found?.origin ?? (tab?.url ? new URL(tab.url).origin : undefined), tab?.id);
      sited = true;
    }
    showPictures(pictures);
    if (status.daemon === "found") {
      const arriving = await pulling();
      const missing = missingModels(pictures);
      for (const name of arriving) if (!missing.some((model) => model.name === name)) missing.push({ name, waiting: 0 });
      const known = new Map([...lines].map(([name, line]) => [name, line.dataset.state]));
      await showModels(missing);
      // A download that an earlier popup began is followed again.
      for (const name of arriving) if (!known.has(name)) lines.get(name)?.querySelector("button")?.click();
    } else {
      await showModels([]);
    }
    document.body.dataset.ready = "true";
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

start();
