/**
 * The card on the stage: what is wrong and what can be done about it, or what this page is for.
 */

import { ask } from "../shared/ask.js";
import { asRefused, pause } from "../shared/demand.js";
import { byId, make, say, show } from "../shared/dom.js";
import { codeOf, explain } from "../shared/problems.js";
import { fillBar, progressWords, pull, pullWords } from "../shared/pull.js";

/** @typedef {import("../shared/demand.js").Refused} Refused */

const AGAIN_MS = 3000; // between looks for a daemon that is absent

/**
 * Says what is wrong, and returns when it is worth trying again.
 * @param {Refused} refused
 * @param {{model: string, choose: () => void, signal: AbortSignal}} about `model` of the picture, "" if not known;
 *   `choose` opens another file; `signal` ends the waiting
 */
export async function tell(refused, about) {
  const { model, choose, signal } = about;
  const problem = explain(codeOf({ ...refused.facts, code: refused.code }), refused.message, model);
  const notice = byId("notice");
  notice.className = "card";
  byId("notice-title").textContent = problem.title;
  byId("notice-about").textContent = problem.about;
  byId("notice-detail").textContent = problem.detail;
  show(byId("notice-pull"), false);
  const steps = byId("notice-steps");
  steps.replaceChildren();
  show(notice, true);
  say(`${problem.title}. ${problem.about}`);

  /** @type {Promise<unknown>[]} */
  const ways = [over(signal)];
  if (problem.remedy === "start") {
    steps.append(make("p", {}, "In a terminal: ", make("code", {}, "sdz serve")));
    ways.push(found(signal));
  } else if (problem.remedy === "pair") {
    // The page of options stays open beside this one, which goes on by itself.
    const open = make("button", { type: "button", className: "main", onclick: () => chrome.runtime.openOptionsPage() }, "Pair…");
    steps.append(open);
    ways.push(found(signal));
  } else if (problem.remedy === "pull" && model) {
    const words = await pullWords(model);
    byId("notice-detail").textContent = words.about;
    ways.push(pressed(words.get, true).then(() => get(model, about)));
  }
  if (problem.remedy !== "none") ways.push(pressed("Try again", problem.remedy === "retry"));
  if (problem.remedy === "none" || problem.remedy === "original") {
    steps.append(make("button", { type: "button", onclick: choose }, "Open another file…"));
  }
  await Promise.race(ways);
  show(notice, false);
}

/** Nothing is open: what this page is for. @param {() => void} choose */
export function welcome(choose) {
  byId("notice").className = "card welcome";
  byId("notice-title").textContent = "Drop an .sdz picture here";
  byId("notice-about").textContent = "It is decoded on this computer and sent nowhere.";
  byId("notice-detail").textContent = "";
  show(byId("notice-pull"), false);
  byId("notice-steps").replaceChildren(make("button", { type: "button", className: "main", onclick: choose }, "Open a file…"));
  show(byId("notice"), true);
}

/** A button among the steps. @param {string} words @param {boolean} main @returns {Promise<void>} when it is pressed */
function pressed(words, main) {
  return new Promise((resolve) => {
    const button = make("button", { type: "button", className: main ? "main" : "", onclick: () => resolve() }, words);
    byId("notice-steps").append(button);
  });
}

/** When it is called off. @param {AbortSignal} signal @returns {Promise<void>} */
function over(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** When the daemon is there and lets us in. @param {AbortSignal} signal */
async function found(signal) {
  while (!signal.aborted) {
    await pause(AGAIN_MS, signal).catch(() => {}); // called off: over() has said so
    if (!document.hidden && (await ask("status")).daemon === "found") return;
  }
}

/**
 * Fetches a model with its progress on show.
 * @param {string} name @param {Parameters<typeof tell>[1]} about
 */
async function get(name, about) {
  byId("notice-steps").replaceChildren();
  show(byId("notice-pull"), true);
  const bar = /** @type {HTMLProgressElement} */ (byId("pull-bar"));
  const words = byId("pull-words");
  bar.removeAttribute("value");
  words.textContent = "Starting…";
  say(`Fetching ${name}`);
  try {
    await pull(
      name,
      (job) => {
        fillBar(bar, job);
        words.textContent = progressWords(job);
      },
      about.signal,
    );
  } catch (error) {
    if (!about.signal.aborted) await tell(asRefused(error), about);
  }
}
