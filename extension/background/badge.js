/** The sign on the toolbar's button: some picture of this tab waits for the user or the daemon. */

/** @param {number} tabId @param {boolean} waiting */
export function show(tabId, waiting) {
  chrome.action.setBadgeText({ tabId, text: waiting ? "!" : "" }).catch(() => {
    // The tab is gone.
  });
}
