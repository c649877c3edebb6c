/** An encode as a job of the daemon: begun, followed, cancelled, found again, its result fetched. */

import { Problem, get, send } from "./api.js";
import { span } from "./dom.js";

const octets = { "Content-Type": "application/octet-stream" };
const WAIT_S = 1;

/**
 * Begin to encode a file; the id of the job. The daemon keeps the picture beside the result.
 * @param {File} file
 * @param {Record<string, any>} query
 * @param {AbortSignal} signal
 * @returns {Promise<string>}
 */
export async function begin(file, query, signal) {
  const asked = { ...query, later: 1, keep_source: 1, name: (file.name || "Pasted picture").slice(0, 200) };
  const reply = await send("POST", "/v1/encode", { query: asked, body: file, headers: octets, signal });
  return (await reply.json()).id;
}

/**
 * Follow a job to its end; the reply with its result. When `signal` says stop, it is cancelled.
 * @param {string} id
 * @param {(job: any) => void} tell
 * @param {AbortSignal} signal
 */
export async function follow(id, tell, signal) {
  const path = `/v1/jobs/${id}`;
  try {
    for (;;) {
      const job = await (await send("GET", path, { query: { wait_s: WAIT_S }, signal })).json();
      tell(job);
      if (job.state === "running") continue;
      if (job.state === "done") return await send("GET", `${path}/result`, { signal });
      throw new Problem(0, { code: job.error ?? "cancelled", detail: job.detail ?? "it was cancelled" });
    }
  } catch (error) {
    if (error.name === "AbortError") send("DELETE", path).catch(() => {});
    throw error;
  }
}

/** The picture of a job and the job itself, or null where the daemon has them no more. */
export async function find(id) {
  try {
    const job = await get(`/v1/jobs/${id}`);
    if (job.state !== "running" && !job.result) return null;
    const data = await (await send("GET", `/v1/jobs/${id}/source`)).blob();
    return { job, file: new File([data], job.subject) };
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

/** What a job is at, in words: `Coding, attempt 3, about 12 s left`. */
export function words(job) {
  const doing = job.doing || "compressing";
  return [
    doing[0].toUpperCase() + doing.slice(1),
    job.attempt && `attempt ${job.attempt}`,
    job.total > 1 && `part ${job.done} of ${job.total}`,
    job.left_s >= 1 && `about ${span(job.left_s)} left`,
  ].filter(Boolean).join(", ");
}
