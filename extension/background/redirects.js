/**
 * Redirects of our own fetches into private networks are stopped before they are sent.
 *
 * A fetch cannot look at each hop by itself. In Chromium the browser's rules can: they are asked for
 * every hop, and apply to our own requests; Firefox asks our own code. What may go to a private address (the daemon, a page of the same
 * private network) is allowed by origin, for as long as it takes.
 */

import { space } from "./addresses.js";
import { FIRST_PORT, LAST_PORT } from "./ports.js";

const USER = "([^/?#@]*@)?";
const PRIVATE = [
  `^https?://${USER}(0|10|127)\\.`,
  `^https?://${USER}(169\\.254|192\\.168|192\\.0\\.0|198\\.1[89])\\.`,
  `^https?://${USER}172\\.(1[6-9]|2[0-9]|3[01])\\.`,
  `^https?://${USER}100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.`,
  `^https?://${USER}2(2[4-9]|[345][0-9])\\.[0-9]+\\.[0-9]+\\.[0-9]+[:/]`,
  `^https?://${USER}\\[(::|f[cdef]|64:ff9b:|2002:)`,
  `^https?://${USER}[^./:@\\[]+\\.?(:[0-9]+)?/`,
  `^https?://${USER}[^/:@?#]*\\.(localhost|local|internal|lan|home|corp|intranet|private|home\\.arpa)\\.?(:[0-9]+)?/`,
];
const BLOCK_FROM = 1;
const DAEMON = 100;
const ALLOW_FROM = 101;

/** @type {Map<string, {id: number, users: number}>} */
const allowed = new Map();
let made = 0;
/** @type {Promise<void> | null} */
let ready = null;

/** Put the rules in place, once for each start of the browser. */
export function watchRedirects() {
  ready ??= install();
  return ready;
}

async function install() {
  if (!chrome.declarativeNetRequest) return watchRequests();
  const block = PRIVATE.map((regexFilter, at) => rule(BLOCK_FROM + at, 1, "block", { regexFilter }));
  const ports = `${USER}127\\.0\\.0\\.1:(${range(FIRST_PORT, LAST_PORT)})/v1/`;
  const daemon = rule(DAEMON, 2, "allow", { regexFilter: `^http://${ports}` });
  const before = await chrome.declarativeNetRequest.getSessionRules();
  const removeRuleIds = before.map(({ id }) => id).filter((id) => id < 1000);
  await chrome.declarativeNetRequest.updateSessionRules({ removeRuleIds, addRules: [...block, daemon] });
}

/** Firefox asks us at every hop. */
function watchRequests() {
  const { webRequest } = /** @type {any} */ (globalThis).browser;
  const own = chrome.runtime.getURL("");
  /** @param {{url: string, originUrl?: string, documentUrl?: string}} details */
  const judge = ({ url, originUrl, documentUrl }) => {
    if (!(originUrl ?? documentUrl ?? "").startsWith(own) || !space(url)) return {};
    const { origin, hostname, port, pathname } = new URL(url);
    const usual = Number(port) >= FIRST_PORT && Number(port) <= LAST_PORT;
    const daemon = hostname === "127.0.0.1" && usual && pathname.startsWith("/v1/");
    return { cancel: !daemon && !allowed.has(origin) };
  };
  webRequest.onBeforeRequest.addListener(judge, { urls: ["http://*/*", "https://*/*"], tabId: -1 }, ["blocking"]);
}

/**
 * Run a fetch to an address that was judged fit, though it be private.
 * @template T @param {string} url @param {() => Promise<T>} run @returns {Promise<T>}
 */
export async function lettingThrough(url, run) {
  await watchRedirects();
  if (!space(url)) return run(); // public, or no web address
  const origin = new URL(url).origin;
  let entry = allowed.get(origin);
  if (!entry) {
    entry = { id: ALLOW_FROM + (made++ % 800), users: 0 };
    allowed.set(origin, entry);
  }
  entry.users += 1;
  if (entry.users === 1 && chrome.declarativeNetRequest) {
    const allow = rule(entry.id, 3, "allow", { urlFilter: `|${origin}/` });
    await chrome.declarativeNetRequest.updateSessionRules({ removeRuleIds: [entry.id], addRules: [allow] });
  }
  try {
    return await run();
  } finally {
    entry.users -= 1;
    if (entry.users === 0) {
      allowed.delete(origin);
      await chrome.declarativeNetRequest?.updateSessionRules({ removeRuleIds: [entry.id] });
    }
  }
}

/**
 * A rule for requests of our own background alone: made by this extension, and in no tab.
 * @param {number} id @param {number} priority @param {"block" | "allow"} type @param {object} condition
 */
function rule(id, priority, type, condition) {
  const ours = { initiatorDomains: [chrome.runtime.id], tabIds: [-1] };
  return /** @type {chrome.declarativeNetRequest.Rule} */ ({
    id,
    priority,
    action: { type },
    condition: { ...condition, ...ours },
  });
}

/** Numbers as alternatives. @param {number} from @param {number} to */
function range(from, to) {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at).join("|");
}
