/**
 * Who may ask what: the table of messages (README.md, "Messages").
 *
 * A content script shares its process with a page that may be hostile, so it is heard for little and
 * never told an address, a token or another site's pictures. Web pages themselves are not heard:
 * nothing is externally connectable.
 */

import { FormatError } from "../decoder/refusals.js";
import { summarize } from "../decoder/summary.js";
import { isFile, mostPublic } from "./addresses.js";
import * as daemon from "./daemon.js";
import { decode, decoderNow } from "./decoding.js";
import * as encoding from "./encoding.js";
import { fetchForPage, fetchForUser } from "./fetching.js";
import * as journal from "./journal.js";
import { grab } from "./menus.js";
import { handback } from "./navigation.js";
import * as offers from "./offers.js";
import * as pictures from "./pictures.js";
import { preview } from "./previews.js";
import { isPassing, Refusal } from "./refusal.js";
import { revive } from "./revive.js";
import * as sites from "./sites.js";
import { openViewer, viewerKey } from "./viewer.js";
import { wake } from "./wake.js";

/** @typedef {chrome.runtime.MessageSender} Sender */
/** @typedef {{hears: "content" | "own", answer: (message: any, sender: Sender) => Promise<object | void>}} Handler */

/** @type {Record<string, Handler>} */
const handlers = {
  wake: { hears: "content", answer: wake },
  look: { hears: "content", answer: look },
  preview: { hears: "content", answer: small },
  picture: { hears: "content", answer: picture },
  drop: { hears: "content", answer: drop },
  waiting: { hears: "content", answer: async () => ({ daemon: (await status()).daemon }) },
  dashboard: { hears: "content", answer: async (_, sender) => ({ wanted: await offers.isWanted(sender) }) },
  offer: { hears: "content", answer: ({ code }, sender) => offers.take(code, sender) },

  framed: { hears: "own", answer: framed },
  status: { hears: "own", answer: status },
  pair: { hears: "own", answer: pair },
  unpair: { hears: "own", answer: daemon.unpair },
  offered: { hears: "own", answer: async () => ({ offer: await offers.offered() }) },
  accept: { hears: "own", answer: accept },
  decline: { hears: "own", answer: offers.decline },
  models: { hears: "own", answer: async () => (await daemon.request("/v1/models")).json() },
  pull: { hears: "own", answer: pull },
  job: { hears: "own", answer: job },
  page: { hears: "own", answer: ({ tabId }) => journal.page(Number(tabId)) },
  site: { hears: "own", answer: site },
  sites: { hears: "own", answer: async () => ({ off: await sites.listOff() }) },
  decode: { hears: "own", answer: ({ bytes, ...options }) => decode(bytes, options) },
  inspect: { hears: "own", answer: inspect },
  scores: { hears: "own", answer: scores },
  encode: { hears: "own", answer: encoding.begin },
  encoded: { hears: "own", answer: encoding.result },
  cancel: { hears: "own", answer: encoding.cancel },
  fetch: { hears: "own", answer: fetchPicture },
  open: { hears: "own", answer: ({ url }) => openViewer(String(url)) },
  grab: { hears: "own", answer: grabChosen },
  handback: { hears: "own", answer: giveBack },
};

/** Hear messages. @param {AbortSignal} [signal] */
export function listen(signal) {
  /** @type {Parameters<typeof chrome.runtime.onMessage.addListener>[0]} */
  const hear = (message, sender, reply) => {
    if (sender.id !== chrome.runtime.id) return false;
    answerTo(message, sender).then(reply);
    return true;
  };
  chrome.runtime.onMessage.addListener(hear);
  signal?.addEventListener("abort", () => chrome.runtime.onMessage.removeListener(hear));
}

/** @param {any} message @param {Sender} sender @returns {Promise<object>} */
export async function answerTo(message, sender) {
  try {
    const handler = Object.hasOwn(handlers, String(message?.kind)) ? handlers[message.kind] : undefined;
    if (!handler) throw new Refusal("bad-message", "There is no such message.");
    if (handler.hears !== whoIs(sender)) throw new Refusal("not-heard", "This may not be asked from here.");
    return { ok: true, ...(await handler.answer(message, sender)) };
  } catch (error) {
    if (!(error instanceof Refusal)) {
      console.error("sdz:", message?.kind, error);
      return { ok: false, code: "bad-message", message: "The extension could not make sense of that." };
    }
    return { ...error.facts, ok: false, code: error.code, message: error.message };
  }
}

/** @param {Sender} sender @returns {"own" | "content" | "nobody"} */
function whoIs(sender) {
  if (sender.url?.startsWith(chrome.runtime.getURL(""))) return "own";
  return sender.tab ? "content" : "nobody";
}

// --- for pages of the web -----------------------------------------------------------------------

/** @param {{url: string, bytes?: ArrayBuffer, soon?: boolean}} message @param {Sender} sender @param {string} [page] that wants it */
async function look({ url, bytes, soon }, sender, page = pageOf(sender)) {
  const site = siteOf(sender);
  if (!(await sites.isOn(site))) throw new Refusal("site-off", "Switched off for this site.");
  const data = bytes ? new Uint8Array(bytes) : await fetchForPage(String(url), page);
  try {
    const file = await pictures.take(data);
    if (soon) void preview(file); // it is asked for with the next message
    return { hash: file.hash, width: file.width, height: file.height, bytes: data.length };
  } catch (error) {
    if (error instanceof Refusal && error.code === "damaged") note(sender, String(url), null, error);
    throw error;
  }
}

/** @param {{hash: string}} message */
async function small({ hash }) {
  const file = pictures.file(String(hash));
  return (file && (await preview(file))) ?? {};
}

/** @param {{url: string, hash: string, maxSide?: number, canWait?: boolean}} message @param {Sender} sender */
async function picture({ url, hash, maxSide, canWait }, sender) {
  const file = pictures.file(String(hash));
  if (!file) throw new Refusal("gone", "Look again.");
  try {
    const who = sender.documentId;
    const made = await pictures.picture(file, { maxSide: sideOf(maxSide), canWait: Boolean(canWait), who });
    note(sender, String(url), file, null);
    return made;
  } catch (error) {
    if (error instanceof Refusal && error.code !== "dropped") note(sender, String(url), file, error);
    throw error;
  }
}

/** @param {{hash: string, maxSide?: number}} message @param {Sender} sender */
async function drop({ hash, maxSide }, sender) {
  pictures.drop(String(hash), sideOf(maxSide), sender.documentId);
}

/** @param {number | undefined} maxSide */
const sideOf = (maxSide) => (maxSide ? Number(maxSide) : undefined);

/** The address that says what a page may have fetched. @param {Sender} sender */
function pageOf({ url = "", origin = url }) {
  return isFile(url) ? url : origin; // files have no origin
}

/** For frame.js, in whatever page. @param {{url: string, ancestors: string[]}} message @param {Sender} sender */
async function framed({ url, ancestors }, sender) {
  const page = mostPublic(ancestors);
  return picture({ url, hash: (await look({ url }, sender, page)).hash }, sender);
}

/**
 * @param {Sender} sender @param {string} url @param {pictures.File | null} file @param {Refusal | null} refusal
 */
function note(sender, url, file, refusal) {
  if (sender.tab?.id === undefined) return;
  const { width = 0, height = 0, model = "", score = null, worst = null } = file ?? {};
  const state = !refusal ? "shown" : isPassing(refusal.code) ? "waiting" : "failed";
  const entry = { url, bytes: file?.data.length ?? 0, width, height, model, score, worst, reason: refusal?.code ?? "" };
  void journal.note(sender.tab.id, siteOf(sender) ?? "", { ...entry, state });
}

/** The origin of the page in the sender's tab. @param {Sender} sender */
function siteOf(sender) {
  try {
    return sender.tab?.url ? new URL(sender.tab.url).origin : undefined;
  } catch {
    return undefined;
  }
}

// --- for our own pages --------------------------------------------------------------------------

async function status() {
  const now = await daemon.status();
  if (now.daemon === "found") void revive();
  return { ...now, decoder: decoderNow(now.daemon) };
}

/** @param {{code: string, port?: number}} message */
async function pair({ code, port }) {
  const paired = await daemon.pair(String(code), port ? Number(port) : undefined);
  void revive();
  return paired;
}

/** The user has confirmed what a dashboard offers. @param {{code: string, port: number}} message @param {Sender} sender */
async function accept({ code, port }, sender) {
  const paired = await offers.accept(String(code), Number(port), sender);
  void revive();
  return paired;
}

/** @param {{name: string}} message */
async function pull({ name }) {
  const path = `/v1/models/${encodeURIComponent(String(name))}/pull`;
  return { job: await (await daemon.request(path, { method: "POST" })).json() };
}

/** @param {{id: string}} message */
async function job({ id }) {
  const row = await (await daemon.request(`/v1/jobs/${encodeURIComponent(String(id))}`)).json();
  if (row.state === "done" && row.kind === "pull") void revive();
  return { job: row };
}

/** @param {{origin: string, on?: boolean}} message */
async function site({ origin, on }) {
  if (on !== undefined) await sites.set(String(origin), Boolean(on));
  return { on: await sites.isOn(String(origin)) };
}

/** @param {{bytes: ArrayBuffer}} message */
async function inspect({ bytes }) {
  try {
    return { info: summarize(new Uint8Array(bytes)) };
  } catch (error) {
    if (error instanceof FormatError) throw new Refusal(error.code, error.message, error.facts);
    throw error;
  }
}

/** The map of a file's scores; null where it has none. @param {{bytes: ArrayBuffer}} message */
async function scores({ bytes }) {
  const ask = { method: "POST", type: "application/x-sdz", body: bytes, query: { map: 1 } };
  return { map: (await (await daemon.request("/v1/inspect", ask)).json()).map };
}

/** @param {{url: string, any?: boolean, key?: string}} message */
async function fetchPicture({ url, any, key }) {
  if (key !== (await viewerKey())) return { bytes: (await fetchForPage(String(url), "", "default")).buffer };
  const { bytes, ...about } = await fetchForUser(String(url), Boolean(any));
  return { bytes: bytes.buffer, ...about };
}

/** @param {{id: string}} message */
async function grabChosen({ id }) {
  const { bytes, ...about } = await grab(String(id));
  return { bytes: bytes.buffer, ...about };
}

/** @param {{url: string}} message @param {Sender} sender */
async function giveBack({ url }, sender) {
  if (sender.tab?.id === undefined) throw new Refusal("not-heard", "Only a tab can be given back.");
  const address = new URL(String(url)).href;
  await handback(address, sender.tab.id);
  await chrome.tabs.update(sender.tab.id, { url: address });
}
