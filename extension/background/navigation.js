/**
 * Going straight to a `.sdz` address opens the viewer.
 *
 * In Chromium, by rules that the browser itself applies (Firefox: filter.js), so that no page waits for us. A media type decides alone. Of
 * files that servers call unknown, the name only nominates: the viewer looks at the signature, and
 * hands the address back to the browser if it is another program's file.
 */

import { letOpen } from "./filter.js";
import { MEDIA_TYPES } from "./header.js";
import { viewerKey, viewerPage } from "./viewer.js";

const LATER = 1; // ids and priorities of the rules that outlive the browser, and of those with the session's key
const IN_FRAMES = 11;
const NOW = 2001;
const HANDBACK_FROM = 1000;
const HANDBACK_MS = 15_000;
const UNKNOWN = ["application/octet-stream*", "binary/octet-stream*", "text/plain*"];
const ON_DISK = "^file:///[^?#]*\\.sdz$"; // there by the user's leave alone
const NAMED = "^https?://[^?#]*\\.sdz(\\?.*)?$";

let handbacks = 0;

/** Put those rules in place that outlive the browser: they serve until its next session has a key. */
export async function watchNavigation() {
  await chrome.declarativeNetRequest.updateDynamicRules(replaced([...rules(LATER, 1, ""), ...inFrames()]));
}

/** Put those in place that give the viewer the key of this session. */
export async function watchNavigationNow() {
  await chrome.declarativeNetRequest.updateSessionRules(replaced(rules(NOW, 2, await viewerKey())));
}

/** @param {chrome.declarativeNetRequest.Rule[]} rules */
function replaced(rules) {
  return { removeRuleIds: rules.map(({ id }) => id), addRules: rules };
}

/** @param {number} first id @param {number} priority @param {string} key */
function rules(first, priority, key) {
  const types = MEDIA_TYPES.map((type) => `${type}*`);
  const named = `${viewerPage(key, true)}#\\0`;
  return [
    rule(first, priority, `${viewerPage(key, false)}#\\0`, "^https?://.*", types),
    rule(first + 1, priority, named, NAMED, UNKNOWN),
    rule(first + 2, priority, named, NAMED, null),
    rule(first + 3, priority, named, ON_DISK, null),
  ];
}

/**
 * For pictures in pages' frames and objects. A frame whose file is but named so is left to be saved: nobody could
 * hand it back; an object would show nothing.
 */
function inFrames() {
  const types = MEDIA_TYPES.map((type) => `${type}*`);
  const frame = `${chrome.runtime.getURL("frame/frame.html")}#\\0`;
  const object = frame.replace("#", "?fill#");
  return [
    rule(IN_FRAMES, 1, frame, "^https?://.*", types, "sub_frame"),
    rule(IN_FRAMES + 1, 1, object, "^https?://.*", types, "object"),
    rule(IN_FRAMES + 2, 1, object, NAMED, UNKNOWN, "object"),
    rule(IN_FRAMES + 3, 1, object, NAMED, null, "object"),
  ];
}

/**
 * @param {number} id @param {number} priority @param {string} to @param {string} regexFilter
 * @param {string[] | null} types content types; null: none is declared
 * @param {"main_frame" | "sub_frame" | "object"} [where]
 * @returns {chrome.declarativeNetRequest.Rule}
 */
function rule(id, priority, to, regexFilter, types, where = "main_frame") {
  const attachment = { header: "content-disposition", values: ["attachment*"] };
  const requestMethods = ["get"];
  /** @type {object} */
  let condition = { requestMethods, excludedResponseHeaders: [attachment, { header: "content-type" }] };
  if (types) {
    const responseHeaders = [{ header: "content-type", values: types }];
    condition = { requestMethods, responseHeaders, excludedResponseHeaders: [attachment] };
  }
  if (regexFilter === ON_DISK) condition = {}; // it has neither headers nor a method
  return /** @type {chrome.declarativeNetRequest.Rule} */ ({
    id,
    priority,
    action: { type: "redirect", redirect: { regexSubstitution: to } },
    condition: { ...condition, regexFilter, resourceTypes: [where] },
  });
}

/** Let the browser open an address by itself in one tab, for a moment. @param {string} url @param {number} tabId */
export async function handback(url, tabId) {
  if (!chrome.declarativeNetRequest) return letOpen(url, tabId);
  const id = HANDBACK_FROM + (handbacks++ % 1000);
  const allow = /** @type {chrome.declarativeNetRequest.Rule} */ ({
    id,
    priority: 10,
    action: { type: "allow" },
    condition: { regexFilter: `^${escaped(url.split("#")[0] ?? "")}$`, tabIds: [tabId], resourceTypes: ["main_frame"] },
  });
  await chrome.declarativeNetRequest.updateSessionRules({ removeRuleIds: [id], addRules: [allow] });
  setTimeout(() => void chrome.declarativeNetRequest.updateSessionRules({ removeRuleIds: [id] }), HANDBACK_MS);
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
