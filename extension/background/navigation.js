/**
 * Going straight to a `.sdz` address opens the viewer.
 *
 * In Chromium, by rules that the browser itself applies (Firefox: filter.js), so that no page waits for us. A media type decides alone. Of
 * files that servers call unknown, the name only nominates: the viewer looks at the signature, and
 * hands the address back to the browser if it is another program's file.
 */

import { letOpen } from "./filter.js";
import { MEDIA_TYPES } from "./header.js";

const BY_TYPE = 1;
const BY_NAME = 2;
const BY_NAME_UNTYPED = 3;
const HANDBACK_FROM = 1000;
const HANDBACK_MS = 15_000;
const UNKNOWN = ["application/octet-stream*", "binary/octet-stream*", "text/plain*"];
const NAMED = "^https?://[^?#]*\\.sdz(\\?.*)?$";

let handbacks = 0;

/** Put the rules in place; they outlive the background and the browser's end. */
export async function watchNavigation() {
  const viewer = chrome.runtime.getURL("viewer/viewer.html");
  const types = MEDIA_TYPES.map((type) => `${type}*`);
  const rules = [
    rule(BY_TYPE, `${viewer}#\\0`, "^https?://.*", types),
    rule(BY_NAME, `${viewer}?check#\\0`, NAMED, UNKNOWN),
    rule(BY_NAME_UNTYPED, `${viewer}?check#\\0`, NAMED, null),
  ];
  await chrome.declarativeNetRequest.updateDynamicRules({
    removeRuleIds: rules.map(({ id }) => id),
    addRules: rules,
  });
}

/**
 * @param {number} id @param {string} to @param {string} regexFilter
 * @param {string[] | null} types content types; null: none is declared
 * @returns {chrome.declarativeNetRequest.Rule}
 */
function rule(id, to, regexFilter, types) {
  const attachment = { header: "content-disposition", values: ["attachment*"] };
  const condition = types
    ? { responseHeaders: [{ header: "content-type", values: types }], excludedResponseHeaders: [attachment] }
    : { excludedResponseHeaders: [attachment, { header: "content-type" }] };
  return /** @type {chrome.declarativeNetRequest.Rule} */ ({
    id,
    priority: 1,
    action: { type: "redirect", redirect: { regexSubstitution: to } },
    condition: { ...condition, regexFilter, resourceTypes: ["main_frame"], requestMethods: ["get"] },
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
