/**
 * The background: listeners, all put in place before the first event could be missed.
 *
 * It may be ended at any moment and started again by the next event; what has to last is in storage.
 */

import { watchResponses } from "./filter.js";
import * as journal from "./journal.js";
import { installMenus } from "./menus.js";
import { listen } from "./messages.js";
import { watchNavigation, watchNavigationNow } from "./navigation.js";
import * as offers from "./offers.js";
import { watchRedirects } from "./redirects.js";
import { welcomeOnce } from "./welcome.js";

listen();
installMenus();
watchRedirects();
welcomeOnce();

chrome.tabs.onRemoved.addListener(journal.clear);
chrome.tabs.onUpdated.addListener((tabId, change) => {
  if (change.status === "loading" && change.url !== undefined) journal.clear(tabId);
  if (change.status === "loading") offers.forget(tabId);
});

if (chrome.declarativeNetRequest) {
  chrome.runtime.onInstalled.addListener(() => void watchNavigation());
  chrome.runtime.onStartup.addListener(() => {}); // or nothing would wake us to make the session's key
  void watchNavigationNow();
  // Content scripts have no business in our storage; Firefox has no such switch, see vault.js.
  void chrome.storage.local.setAccessLevel({ accessLevel: "TRUSTED_CONTEXTS" });
} else {
  watchResponses();
}
