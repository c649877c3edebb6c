/**
 * Fetching a model: starts the daemon's job, follows it, and finds it again when a page was closed meanwhile.
 */

import { ask } from "./ask.js";
import { demand, pause, Refused } from "./demand.js";
import { bytes, percent } from "./units.js";

/** @typedef {{id: string, subject: string, state: "running" | "done" | "failed" | "cancelled", done: number, total: number, error: string | null, detail: string | null}} Job */

const LOOK_MS = 500;
const KEPT = "pulls"; // in storage.session: {name of a model: id of its job}

/** @returns {Promise<Record<string, string>>} */
async function kept() {
  const found = await chrome.storage.session.get(KEPT);
  return /** @type {Record<string, string>} */ (found[KEPT] ?? {});
}

/** @param {string} name @param {string | null} id */
async function keep(name, id) {
  const pulls = await kept();
  if (id) pulls[name] = id;
  else delete pulls[name];
  await chrome.storage.session.set({ [KEPT]: pulls });
}

/** Names of models that were being fetched when last looked. @returns {Promise<string[]>} */
export async function pulling() {
  return Object.keys(await kept());
}

/**
 * What a button that fetches a model says: its size is part of the decision.
 * @param {string} name
 */
export async function pullWords(name) {
  const { models = [] } = await ask("models");
  const size = models.find((/** @type {{name: string}} */ model) => model.name === name)?.size ?? 0;
  return size ? `Get ${name} (${bytes(size)})` : `Get ${name}`;
}

/**
 * Fetches a model, or follows the fetch that is under way.
 * @param {string} name
 * @param {(job: Job) => void} progress
 * @param {AbortSignal} signal ends the following, not the job: a closed popup must not end a download
 * @throws {Refused} with the job's own error
 */
export async function pull(name, progress, signal) {
  /** @type {{job: Job}} */
  let { job } = await demand("pull", { name });
  await keep(name, job.id);
  try {
    while (job.state === "running") {
      progress(job);
      await pause(LOOK_MS, signal);
      ({ job } = await demand("job", { id: job.id }));
    }
  } finally {
    if (!signal.aborted) await keep(name, null);
  }
  if (job.state === "done") return;
  throw new Refused(job.error ?? "cancelled", job.detail ?? "The download was cancelled.");
}

/**
 * How far a job is, in words.
 * @param {Pick<Job, "done" | "total">} job
 */
export function progressWords({ done, total }) {
  const share = percent(done, total);
  if (share === null) return done > 0 ? `${bytes(done)} so far` : "Starting…";
  return `${bytes(done)} of ${bytes(total)} (${share} %)`;
}

/**
 * @param {HTMLProgressElement} bar @param {Pick<Job, "done" | "total">} job
 */
export function fillBar(bar, { done, total }) {
  if (total > 0) {
    bar.max = total;
    bar.value = Math.min(done, total);
  } else {
    bar.removeAttribute("value");
  }
}
