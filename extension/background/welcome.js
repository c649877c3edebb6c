/** After installation, once: a page that says what works already, and what sdz on this computer would add. */

/** At the top level: the event comes before anything else does. */
export function welcomeOnce() {
  chrome.runtime.onInstalled.addListener(({ reason }) => {
    if (reason === "install") void chrome.tabs.create({ url: chrome.runtime.getURL("welcome/welcome.html") });
  });
}
