/**
 * The dashboard of a daemon on this machine offers to pair: the code that it shows is kept until the user says yes or no
 * on a page of ours, pair/pair.html, which no web page can open, frame or click.
 *
 * Any program of this machine can serve a page that looks like the dashboard, and nobody can prove to a browser that
 * was never paired whose daemon is whose. So an offer is heard only where the user has clicked in the page (dashboard/offer.js), the
 * port is one of the daemon's usual ones and the page's own, and a daemon answers there; the user compares the codes;
 * and where two programs answer as daemons, one may be somebody else's, and the code is typed by hand.
 */

import * as daemon from "./daemon.js";
import { Refusal } from "./refusal.js";

/** @typedef {{code: string, port: number, tabId: number, page: number, at: number}} Offer `page`: the tab that asks the user */
/** @typedef {chrome.runtime.MessageSender} Sender */

const KEPT = "offer"; // in storage.session: the background may end before the user has answered
const GOOD_MS = 120_000; // as long as the daemon takes the code
const PAGE = "pair/pair.html";

/** Tabs whose offer was turned down; their page is not heard again. @type {Set<number>} */
const declined = new Set();

/** What is done with the one offer that there can be, in the order in which it came. @type {Promise<unknown>} */
let last = Promise.resolve();

/**
 * Whether a page may say that this browser is not paired.
 * @param {Sender} sender
 */
export async function isWanted(sender) {
  const port = portOf(sender);
  if (port === null || (await daemon.status()).daemon === "found") return false;
  return daemon.answersAt(port);
}

/**
 * Keep an offer, and ask the user about it.
 * @param {unknown} code @param {Sender} sender
 * @throws {Refusal} not-heard
 */
export function take(code, sender) {
  return inOrder(() => hear(code, sender));
}

/** @param {unknown} code @param {Sender} sender */
async function hear(code, sender) {
  const port = portOf(sender);
  const tabId = sender.tab?.id;
  const isCode = typeof code === "string" && /^\d{8}$/.test(code);
  if (port === null || tabId === undefined || !isCode || declined.has(tabId)) throw notHeard();
  if (!(await chrome.tabs.get(tabId)).active || !(await isWanted(sender))) throw notHeard();
  const page = await askUser((await kept())?.page, tabId);
  await keep({ code, port, tabId, page, at: Date.now() });
}

/**
 * What the user is asked about; null where there is nothing, or no longer.
 * @returns {Promise<{code: string, port: number, others: number[]} | null>} `others`: ports where something else answers as a daemon
 */
export function offered() {
  return inOrder(standing);
}

async function standing() {
  const offer = await kept();
  if (!offer || Date.now() - offer.at > GOOD_MS || !(await isThere(offer))) return null;
  const others = (await daemon.answering()).filter((port) => port !== offer.port);
  return { code: offer.code, port: offer.port, others };
}

/**
 * The user says yes to what was shown.
 * @param {string} code @param {number} port @param {Sender} sender
 * @returns {Promise<{name: string, port: number}>}
 * @throws {Refusal} not-heard, pairing-closed and what pairing throws
 */
export async function accept(code, port, sender) {
  if (sender.url !== chrome.runtime.getURL(PAGE)) throw notHeard();
  return inOrder(() => pair(code, port));
}

/** @param {string} code @param {number} port */
async function pair(code, port) {
  const offer = await standing();
  if (!offer || offer.code !== code || offer.port !== port || offer.others.length) {
    throw new Refusal("pairing-closed", "The offer has ended or changed.");
  }
  const paired = await daemon.pair(code, port);
  await keep(null);
  return paired;
}

/** The user says no. */
export function decline() {
  return inOrder(async () => {
    const offer = await kept();
    if (offer) declined.add(offer.tabId);
    await keep(null);
  });
}

/** The tab shows another page now. @param {number} tabId */
export function forget(tabId) {
  declined.delete(tabId);
}

/** The port of a page that may be a dashboard. @param {Sender} sender */
function portOf({ url = "", frameId, tab }) {
  return frameId === 0 && tab?.id !== undefined ? daemon.portOf(url) : null;
}

/** Whether its page is still shown. @param {Offer} offer */
async function isThere({ tabId, port }) {
  const tab = await chrome.tabs.get(tabId).catch(() => null);
  return daemon.portOf(tab?.url ?? "") === port;
}

/** The page that asks, one at a time. @param {number | undefined} known @param {number} opener @returns {Promise<number>} its tab */
async function askUser(known, opener) {
  const url = chrome.runtime.getURL(PAGE);
  const there = known === undefined ? null : await chrome.tabs.get(known).catch(() => null);
  if (there?.id !== undefined && there.url === url) {
    await chrome.tabs.update(there.id, { active: true, url }); // it begins anew
    return there.id;
  }
  const { index } = await chrome.tabs.get(opener);
  const tab = await chrome.tabs.create({ url, openerTabId: opener, index: index + 1 });
  return /** @type {number} */ (tab.id);
}

/** @template T @param {() => Promise<T>} act @returns {Promise<T>} */
function inOrder(act) {
  const done = last.then(act);
  last = done.catch(() => {});
  return done;
}

/** @returns {Promise<Offer | null>} */
async function kept() {
  return /** @type {Offer | undefined} */ ((await chrome.storage.session.get(KEPT))[KEPT]) ?? null;
}

/** @param {Offer | null} offer */
async function keep(offer) {
  if (offer) await chrome.storage.session.set({ [KEPT]: offer });
  else await chrome.storage.session.remove(KEPT);
}

function notHeard() {
  return new Refusal("not-heard", "This may not be asked from here.");
}
