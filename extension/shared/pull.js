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

/** As GET /v1/models has it. @typedef {{name: string, state: "built-in" | "installed" | "missing" | "damaged", size: number, purpose: string, licence: string, page?: string, download_bytes: number, needs: string}} Model */

/** What the daemon has and could have. @returns {Promise<Model[]>} none where it cannot be asked */
export async function models() {
  return (await ask("models")).models ?? [];
}

/**
 * What is to be known before a model is fetched: its size is part of the decision, and so is what it asks for.
 * @param {string} name
 * @returns {Promise<{get: string, about: string}>} what the button says, and what stands beside it
 */
export async function pullWords(name) {
  const model = (await models()).find((one) => one.name === name);
  const size = model && (model.size || model.download_bytes);
  return { get: size ? `Get ${name} (${bytes(size)})` : `Get ${name}`, about: model ? modelWords(model) : "" };
}

/** @param {Model} model @returns {string} "Purpose. 335 MB, licence: MIT (huggingface.co/a/b)." */
export function modelWords({ state, size, download_bytes: download, purpose, licence, page, needs }) {
  const here = state === "built-in" || state === "installed";
  const facts = [
    here ? size && bytes(size) : download && `about ${bytes(download)}`,
    licence && `licence: ${licence}${page ? ` (${page.replace("https://", "")})` : ""}`,
    !here && needs && `needs pip install '${needs}'`,
  ].filter(Boolean);
  const said = purpose ? `${purpose[0]?.toUpperCase()}${purpose.slice(1).replace(/\.$/, "")}. ` : "";
  return facts.length ? `${said}${facts.join(", ").replace(/^./, (letter) => letter.toUpperCase())}.` : said.trim();
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
