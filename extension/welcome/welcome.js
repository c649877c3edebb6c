/**
 * The page after installation: what works, what the daemon adds, and how it stands with that.
 */

import { ask } from "../shared/ask.js";
import { byId, show } from "../shared/dom.js";
import { codeOf } from "../shared/problems.js";

const LOOK_MS = 2500;
let shown = "";

/** How it stands: title, what to say about it. @type {Record<string, [string, string]>} */
const STANDS = {
  found: ["Paired and running", "There is nothing left to do."],
  unseen: ["Not found yet", "No sdz has answered on this computer so far. It is not needed for what works already."],
  absent: ["Not running", "sdz was here before. Start it by sdz serve."],
  unpaired: ["Running, not paired yet", "sdz answers on this computer and does not know this browser. Two clicks let it in."],
  "token-refused": ["Pairing has ended", "sdz no longer lets this browser in. Two clicks let it in again."],
};

/** @param {{daemon: string, dashboard?: string, seen?: boolean}} status */
function showStanding(status) {
  const key = JSON.stringify([status.daemon, status.dashboard, status.seen]);
  if (key === shown) return;
  shown = key;
  const [title, about] = STANDS[codeOf(status)] ?? ["Not known", "The extension was restarted; reload this page."];
  const found = status.daemon === "found";
  byId("state").className = found ? "found" : "";
  byId("state").textContent = title;
  byId("about").textContent = about;
  show(byId("how"), !found);
  show(byId("by-hand"), !found);
  const runs = status.daemon === "unpaired" || status.daemon === "token-refused";
  show(byId("how-install"), !runs && status.seen === false);
  show(byId("how-open"), runs && Boolean(status.dashboard));
  if (runs && status.dashboard) /** @type {HTMLAnchorElement} */ (byId("dashboard")).href = status.dashboard;
}

async function start() {
  byId("open").onclick = () => ask("open", { url: "" });
  byId("options").onclick = () => chrome.runtime.openOptionsPage();
  for (;;) {
    if (!document.hidden) {
      const status = await ask("status");
      showStanding(status.ok ? status : { daemon: status.code });
      document.body.dataset.ready = "true";
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

start();
