/** Speaking to the daemon: the session's page key, requests, and problems as errors. */

const KEPT = "sdz-page-key";
const HEADER = "Sdz-Page-Key";

/** A refusal of the daemon: `code` for programs, `message` for people. */
export class Problem extends Error {
  constructor(status, fields) {
    super(fields.detail ?? `the daemon answered ${status}`);
    this.name = "Problem";
    this.status = status;
    this.code = fields.code ?? "unknown";
    this.fields = fields;
  }
}

let onEnd = () => {};

/** Have `callback` told, once, when the session is over. */
export function whenEnded(callback) {
  onEnd = callback;
}

/**
 * Ask for the page key where there is none yet. It is told once for each session, so another tab
 * of this dashboard may have it: it lies where all tabs of this very origin can read it.
 */
export async function begin() {
  if (localStorage.getItem(KEPT) && (await works())) return;
  const reply = await fetch("/v1/session", { method: "POST", headers: json() });
  if (reply.ok) {
    localStorage.setItem(KEPT, (await reply.json()).key);
    return;
  }
  await new Promise((resolve) => setTimeout(resolve, 400)); // another tab may be storing it
  if (localStorage.getItem(KEPT) && (await works())) return;
  throw ended(await problemOf(reply));
}

async function works() {
  return (await fetch("/v1/status", { headers: own() })).ok;
}

const own = () => ({ [HEADER]: localStorage.getItem(KEPT) ?? "" });
const json = () => ({ "Content-Type": "application/json" });

/**
 * One request; the reply of a success. Raises Problem, or TypeError where nothing answers.
 * @param {string} method
 * @param {string} path
 * @param {{query?: Record<string, any>, body?: any, headers?: Record<string, string>,
 *          signal?: AbortSignal}} more  a body that is no Blob is sent as JSON
 */
export async function send(method, path, { query = {}, body, headers = {}, signal } = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const target = given.length ? `${path}?${new URLSearchParams(given)}` : path;
  const sent = { ...own(), ...headers };
  if (method === "POST" && !(body instanceof Blob)) {
    Object.assign(sent, json());
    body = JSON.stringify(body ?? {});
  }
  let reply;
  try {
    reply = await fetch(target, { method, headers: sent, body, signal, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("the daemon does not answer; is it still running?", { cause: error });
  }
  if (reply.ok) return reply;
  const problem = await problemOf(reply);
  if (problem.status === 401) ended(problem);
  throw problem;
}

/** The JSON of a GET. */
export const get = async (path) => (await send("GET", path)).json();

/** The JSON that a POST is answered with. */
export const post = async (path, body) => (await send("POST", path, { body })).json();

/** End the session: here, in the other tabs, and in the daemon. */
export async function close() {
  await send("DELETE", "/v1/session");
  localStorage.removeItem(KEPT);
  ended(new Problem(401, { detail: "this session is closed; open the dashboard again by: sdz dashboard" }));
}

async function problemOf(reply) {
  try {
    return new Problem(reply.status, await reply.json());
  } catch {
    return new Problem(reply.status, {});
  }
}

function ended(problem) {
  onEnd(problem);
  onEnd = () => {};
  return problem;
}
