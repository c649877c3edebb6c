/** Chromium: a frame that has a picture which may be ours gets the rest of the page side. */

import { Refusal } from "./refusal.js";

/** In this order. */
const FILES = ["tell", "bounded", "sources", "live", "srcset", "shapes", "nearness", "queue", "turns", "sizes", "elements", "styles", "begin"];

/** @param {unknown} _message @param {chrome.runtime.MessageSender} sender */
export async function wake(_message, sender) {
  const tabId = sender.tab?.id;
  if (tabId === undefined || !sender.documentId) throw new Refusal("bad-message", "There is no such frame.");
  const target = { tabId, documentIds: [sender.documentId] };
  const files = FILES.map((name) => `content/${name}.js`);
  await chrome.scripting.executeScript({ target, files, injectImmediately: true });
}
