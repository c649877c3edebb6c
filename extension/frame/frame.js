/**
 * Chromium: a picture that a page has put into an `iframe`, `object` or `embed`.
 *
 * The browser's own redirect leads here (background/navigation.js), but any page may frame it, with any address. It
 * has nothing that could be clicked, and fetches as for its page: without cookies, from no address more private
 * than all the pages around it. Its origin is ours, so none of them can read what it shows.
 */

import { isPassing } from "../background/refusal.js";
import { ask } from "../shared/ask.js";
import { byId, show } from "../shared/dom.js";
import { codeOf, explain } from "../shared/problems.js";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;

const picture = /** @type {HTMLImageElement} */ (byId("picture"));
const words = byId("words");
const url = location.hash.slice(1);
let waitMs = FIRST_WAIT_MS;
let timer = 0;

async function open() {
  clearTimeout(timer);
  const answer = await ask("framed", { url, ancestors: [...location.ancestorOrigins] });
  if (answer.ok) {
    chrome.runtime.onMessage.removeListener(hear);
    picture.src = URL.createObjectURL(new Blob([answer.bytes], { type: answer.type }));
    words.textContent = "";
    return show(picture, true);
  }
  words.textContent = explain(codeOf(answer), answer.message).title;
  if (isPassing(answer.code)) timer = window.setTimeout(again, waitMs);
  else chrome.runtime.onMessage.removeListener(hear);
  waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
}

function again() {
  if (document.visibilityState === "visible") void open();
  else addEventListener("visibilitychange", open, { once: true });
}

/** @param {any} message @param {chrome.runtime.MessageSender} sender */
function hear(message, sender) {
  if (sender.id === chrome.runtime.id && message?.kind === "again") void open();
}

document.body.classList.toggle("fill", location.search === "?fill");
chrome.runtime.onMessage.addListener(hear);
void open();
