/**
 * The daemon: where it is, whether it is the one we were paired with, and asking it.
 *
 * The one file that knows its address and our token. The token is shown only to a port that has
 * just proved to know our key, and never again after a connection failed before it proves so anew.
 */

import { newNonce, proofOf } from "./proof.js";
import { Once } from "./limit.js";
import { FIRST_PORT, LAST_PORT } from "./ports.js";
import { lettingThrough, watchRedirects } from "./redirects.js";
import { Refusal } from "./refusal.js";
import * as vault from "./vault.js";

const PROOF_GOOD_MS = 10_000;
const ABSENT_GOOD_MS = 1_500;
const HELLO_MS = 3_000;
const AT_ONCE = 10;

/** @typedef {"daemon" | "stranger" | "nobody"} Found who answers at a port; a stranger knows us not */
/** @typedef {{method?: string, query?: Record<string, unknown>, body?: BodyInit, type?: string, accept?: string, signal?: AbortSignal}} Ask */

/** @type {{port: number, until: number} | null} */
let proven = null;
/** @type {{refusal: Refusal, until: number} | null} */
let missing = null;
/** @type {Once<number>} */
const locating = new Once();

/**
 * The daemon's port, proven within the last seconds.
 * @returns {Promise<number>}
 * @throws {Refusal} absent, unpaired, token-refused
 */
async function locate() {
  if (proven && Date.now() < proven.until) return proven.port;
  if (missing && Date.now() < missing.until) throw missing.refusal;
  return locating.run("", async () => {
    try {
      const port = await search();
      await seen();
      proven = { port, until: Date.now() + PROOF_GOOD_MS };
      missing = null;
      return port;
    } catch (error) {
      if (error instanceof Refusal) {
        missing = { refusal: error, until: Date.now() + ABSENT_GOOD_MS };
      }
      throw error;
    }
  });
}

async function search() {
  const pairing = await vault.load();
  /** @type {number | undefined} */
  let stranger;
  for (const ports of candidates(pairing?.port)) {
    const found = await Promise.all(ports.map((port) => whoIs(port, pairing)));
    const at = found.indexOf("daemon");
    if (at >= 0) {
      const port = /** @type {number} */ (ports[at]);
      if (pairing && pairing.port !== port) await vault.save({ ...pairing, port });
      return port;
    }
    stranger ??= ports[found.indexOf("stranger")];
    if (!pairing && stranger !== undefined) break;
  }
  if (stranger === undefined) throw await absent("The sdz daemon is not running.");
  await seen();
  if (!pairing) throw new Refusal("unpaired", "Not paired with sdz yet.", { port: stranger });
  const facts = { port: stranger, name: pairing.name };
  throw new Refusal("token-refused", "sdz no longer lets this browser in.", facts);
}

let noted = false;

/** A daemon answers: pages say "not running" of it from now on, no longer "not found yet". */
async function seen() {
  if (noted) return;
  await vault.markSeen();
  noted = true;
}

/** @param {string} message */
async function absent(message) {
  return new Refusal("absent", message, { seen: Boolean(await vault.load()) || (await vault.wasSeen()) });
}

/** The port of a page that may be a dashboard: the daemon's own address, at a usual port; else null. @param {string} url */
export function portOf(url) {
  const port = Number(/^http:\/\/127\.0\.0\.1:(\d{1,5})\//.exec(url)?.[1]);
  return port >= FIRST_PORT && port <= LAST_PORT ? port : null;
}

/** The last port first, then the daemon's range, a few at a time. @param {number} [last] */
function* candidates(last) {
  if (last !== undefined) yield [last];
  for (let from = FIRST_PORT; from <= LAST_PORT; from += AT_ONCE) {
    const to = Math.min(from + AT_ONCE, LAST_PORT + 1);
    yield Array.from({ length: to - from }, (_, at) => from + at).filter((port) => port !== last);
  }
}

/** @param {number} port @param {vault.Pairing | null} pairing @returns {Promise<Found>} */
async function whoIs(port, pairing) {
  const nonce = newNonce();
  const query = new URLSearchParams({ client: pairing?.client ?? "nobody", nonce });
  let answer;
  try {
    const response = await send(port, `/v1/hello?${query}`, { signal: AbortSignal.timeout(HELLO_MS) });
    answer = await response.json();
  } catch {
    return "nobody";
  }
  if (pairing && answer?.proof === (await proofOf(pairing.key, port, nonce))) return "daemon";
  return answer?.code === "no-such-client" ? "stranger" : "nobody";
}

/**
 * A request to the daemon with our token.
 * @param {string} path @param {Ask} [ask]
 * @returns {Promise<Response>} a success
 * @throws {Refusal} with the daemon's code, or absent, unpaired, token-refused
 */
export async function request(path, ask = {}) {
  const port = await locate();
  const pairing = await vault.load();
  if (!pairing) throw new Refusal("unpaired", "Not paired with sdz yet.", { port });
  /** @type {Record<string, string>} */
  const headers = { Authorization: `Bearer ${pairing.token}` };
  if (ask.accept) headers["Accept"] = ask.accept;
  if (ask.method === "POST") headers["Content-Type"] = ask.type ?? "application/json";
  const { method = "GET", body, signal = null } = ask;
  const init = { method, headers, signal, ...(body === undefined ? {} : { body }) };
  const response = await send(port, path + queryOf(ask.query), init).catch(() => gone(signal));
  if (response.ok) return response;
  throw await problem(response);
}

/** The bytes of an answer; a daemon that ends half-way is absent. @param {Response} response @param {AbortSignal | null} [signal] */
export async function bytesOf(response, signal = null) {
  return response.arrayBuffer().catch(() => gone(signal));
}

/** @param {AbortSignal | null} signal @returns {Promise<never>} */
async function gone(signal) {
  if (signal?.aborted) throw new Refusal("dropped", "Nobody wants it any more.");
  lose();
  throw await absent("The sdz daemon went away.");
}

/** @param {Response} response @returns {Promise<Refusal>} */
async function problem(response) {
  const facts = await response.json().catch(() => ({}));
  const retry = Number(response.headers.get("Retry-After"));
  if (retry > 0) facts.retryAfterMs = retry * 1000;
  const code = String(facts.code ?? "internal-error");
  if (response.status === 401 || code === "origin-foreign") {
    lose();
    return new Refusal("token-refused", "sdz no longer lets this browser in.", { ...facts, because: code });
  }
  return new Refusal(code, String(facts.detail ?? `sdz answered ${response.status}`), facts);
}

/** What was proved holds no longer. */
export function lose() {
  proven = null;
  missing = null;
}

/** Whether there is a daemon that we are paired with, running or not. */
export async function isPaired() {
  return Boolean(await vault.load());
}

/**
 * How things stand; asked afresh.
 * @returns {Promise<{daemon: "found" | "absent" | "unpaired" | "token-refused", seen: boolean} & Record<string, unknown>>}
 *   `seen`: whether a daemon was ever found here
 */
export async function status() {
  lose();
  try {
    const row = await (await request("/v1/status")).json();
    const pairing = await vault.load();
    return { ...row, daemon: "found", seen: true, port: proven?.port ?? pairing?.port, name: pairing?.name };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const code = error.code === "unpaired" || error.code === "token-refused" ? error.code : "absent";
    const { port, name, seen: before = true } = error.facts;
    const dashboard = port ? `http://127.0.0.1:${port}/` : undefined;
    return { daemon: code, seen: Boolean(before), port, dashboard, name };
  }
}

/**
 * Become a client. Where no port is given, it goes to the first daemon that is found.
 * @param {string} code eight digits @param {number} [port]
 */
export async function pair(code, port) {
  const at = port ?? (await anyDaemon());
  const body = JSON.stringify({ code, name: browserName() });
  const headers = { "Content-Type": "application/json" };
  const response = await send(at, "/v1/pair", { method: "POST", headers, body }).catch(() => {
    throw new Refusal("absent", `Nothing answers on port ${at}.`);
  });
  if (!response.ok) throw await problem(response);
  const { client, token, key, name } = await response.json();
  await vault.save({ client, token, key, name, port: at });
  lose();
  return { name, port: at };
}

export async function unpair() {
  await vault.forget();
  lose();
}

async function anyDaemon() {
  const [first] = await answering();
  if (first === undefined) throw await absent("The sdz daemon is not running.");
  return first;
}

/** Whether something answers at a port as a daemon does to who is not paired. @param {number} port */
export async function answersAt(port) {
  return (await whoIs(port, null)) === "stranger";
}

/** The usual ports where something answers as a daemon does to who is not paired. @returns {Promise<number[]>} */
export async function answering() {
  /** @type {number[]} */
  const all = [];
  for (const ports of candidates()) {
    const found = await Promise.all(ports.map((port) => whoIs(port, null)));
    all.push(...ports.filter((_, at) => found[at] === "stranger"));
  }
  return all;
}

/** @param {number} port @param {string} path @param {RequestInit} init */
function send(port, path, init) {
  // Always the literal address: it is no mixed content anywhere, and no resolver is asked.
  const quiet = { cache: /** @type {const} */ ("no-store"), credentials: /** @type {const} */ ("omit") };
  const url = `http://127.0.0.1:${port}${path}`;
  const act = () => fetch(url, { ...init, ...quiet, redirect: "error" });
  const usual = port >= FIRST_PORT && port <= LAST_PORT;
  return usual ? watchRedirects().then(act) : lettingThrough(url, act);
}

/** @param {Record<string, unknown>} [query] */
function queryOf(query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  if (!given.length) return "";
  const text = given.map(([key, value]) => [key, String(value === true ? 1 : value)]);
  return `?${new URLSearchParams(text)}`;
}

function browserName() {
  const agent = navigator.userAgent;
  const found = ["Firefox", "Edg", "OPR", "Chrome"].find((name) => agent.includes(`${name}/`));
  return { Firefox: "Firefox", Edg: "Edge", OPR: "Opera", Chrome: "Chromium" }[found ?? ""] ?? "Browser";
}
