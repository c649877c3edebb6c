/**
 * The options: pairing with the daemon, and the sites that are switched off.
 */

import { ask } from "../shared/ask.js";
import { byId, make, say, show } from "../shared/dom.js";
import { ALONE, codeOf, explain, TOGETHER } from "../shared/problems.js";
import { readCode, readPort } from "./code.js";

const LOOK_MS = 2500;
const code = /** @type {HTMLInputElement} */ (byId("code"));
const port = /** @type {HTMLInputElement} */ (byId("port"));
let shownState = "";

/** @typedef {{daemon: string, version?: string, port?: number, name?: string, seen?: boolean}} Status */

/** @param {Status} status */
function showState(status) {
  const key = JSON.stringify(status);
  if (key === shownState) return;
  shownState = key;
  const found = status.daemon === "found";
  const problem = explain(codeOf(status));
  const state = byId("state");
  state.className = found ? "found" : "alone";
  state.textContent = found ? "Paired and running" : problem.title;
  const known = [status.name && `known there as ${status.name}`, status.version && `sdz ${status.version}`, `port ${status.port}`];
  byId("about").textContent = found ? known.filter(Boolean).join(" · ") : ALONE;
  byId("gives").textContent = found ? TOGETHER : "";
  // Someone who was paired and whose daemon is not running needs no code, but may want one.
  const paired = found || Boolean(status.name);
  show(byId("unpair"), paired);
  show(byId("how"), !found);
  show(byId("how-start"), status.daemon === "absent");
  show(byId("pair"), !found);
  if (!found && status.port) port.value = String(status.port);
}

async function look() {
  const status = await ask("status");
  showState(status.ok ? status : { daemon: status.code });
}

/** @param {HTMLInputElement | null} field @param {string} words */
function complain(field, words) {
  byId("wrong").textContent = words;
  for (const input of [code, port]) input.setAttribute("aria-invalid", String(input === field));
  field?.focus();
  field?.select();
}

/** @param {SubmitEvent} event */
async function pair(event) {
  event.preventDefault();
  const read = readCode(code.value);
  const at = readPort(port.value);
  if (read.code === null) return complain(code, read.wrong);
  if (at === null) return complain(port, "A port is a number from 1 to 65535.");
  complain(null, "");
  const go = /** @type {HTMLButtonElement} */ (byId("go"));
  go.disabled = true;
  const answer = await ask("pair", { code: read.code, port: at });
  go.disabled = false;
  if (!answer.ok) {
    const problem = explain(answer.code, answer.message);
    const absent = answer.code === "absent";
    complain(absent ? port : code, absent ? `No sdz answers on port ${at}.` : `${problem.title}. ${problem.about}`);
    return;
  }
  code.value = "";
  await look();
  say("Paired");
  byId("unpair").focus();
}

async function unpair() {
  const button = byId("unpair");
  if (button.dataset.sure !== "yes") {
    // Asked in place: dialogs of extension pages look foreign, and this is undone by pairing again.
    button.dataset.sure = "yes";
    button.textContent = "Really unpair?";
    say("Press again to unpair");
    return;
  }
  calm();
  await ask("unpair");
  await look();
  say("Unpaired");
  code.focus();
}

/** Takes the question back. */
function calm() {
  const button = byId("unpair");
  delete button.dataset.sure;
  button.textContent = "Unpair";
}

async function showSites() {
  const answer = await ask("sites");
  /** @type {string[]} */
  const off = answer.ok ? answer.off : [];
  show(byId("no-sites"), off.length === 0);
  byId("sites").replaceChildren(
    ...off.map((origin) => {
      const on = async () => {
        await ask("site", { origin, on: true });
        await showSites();
        say(`${origin} is switched on`);
        /** @type {HTMLElement | null} */ (document.querySelector("#sites button"))?.focus();
      };
      const button = make("button", { type: "button", "aria-label": `Switch on ${origin}`, onclick: on }, "Switch on");
      return make("li", {}, make("span", {}, origin), button);
    }),
  );
}

async function start() {
  byId("pair").onsubmit = (event) => void pair(event);
  byId("unpair").onclick = unpair;
  byId("unpair").onblur = calm;
  // All that sdz pair prints may be pasted at once, with the port in it.
  code.addEventListener("paste", (event) => {
    const read = readCode(event.clipboardData?.getData("text") ?? "");
    if (read.code === null) return;
    event.preventDefault();
    code.value = `${read.code.slice(0, 4)} ${read.code.slice(4)}`;
    if (read.port) port.value = String(read.port);
  });
  byId("version").textContent = `sdz extension ${chrome.runtime.getManifest().version}`;
  await showSites();
  for (;;) {
    if (!document.hidden) await look();
    document.body.dataset.ready = "true";
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

start();
