/** Asking before something is done that cannot simply be done again. */

import { byId } from "./dom.js";

/**
 * Whether the user wants it. Escape and Cancel mean no.
 * @param {string} title
 * @param {string} text  what follows from it
 * @param {string} yes  the word on the button
 * @returns {Promise<boolean>}
 */
export function confirm(title, text, yes) {
  const dialog = byId("confirm");
  byId("confirm-title").textContent = title;
  byId("confirm-text").textContent = text;
  byId("confirm-yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
