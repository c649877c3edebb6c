/**
 * The one question that pairing takes where the dashboard offers it: background/offers.js says what there is.
 *
 * The button heeds no click in the first second after this page came to the front: that one was meant for another page.
 */

import { ask } from "../shared/ask.js";
import { byId, say, show } from "../shared/dom.js";
import { explain } from "../shared/problems.js";

const LOOK_MS = 1500;
const CALM_MS = 1000;
const yes = /** @type {HTMLButtonElement} */ (byId("yes"));
/** @type {{code: string, port: number} | null} */
let shown = null;
let over = false;
let calm = 0;

/** From now on a click is meant for this page. */
function arm() {
  clearTimeout(calm);
  yes.disabled = true;
  if (document.visibilityState !== "visible") return;
  calm = window.setTimeout(() => (yes.disabled = false), CALM_MS);
}

async function look() {
  const { ok, offer } = await ask("offered");
  if (over || !ok) return;
  if (!offer) return conclude("Nothing is offered", "An offer ends after two minutes, and when its page goes. Press the button in sdz’s dashboard for a new one.", false);
  if (offer.others.length) {
    const ports = [offer.port, ...offer.others].join(" and ");
    return conclude(
      "Two programs answer as sdz",
      `They are at ports ${ports}, and one may be another user’s. Run sdz pair in a terminal, and type the code and the port that it prints into the options.`,
      false,
    );
  }
  show(byId("said"), false);
  show(byId("offer"), true);
  if (shown && shown.code === offer.code && shown.port === offer.port) return;
  shown = offer;
  byId("code").textContent = `${offer.code.slice(0, 4)} ${offer.code.slice(4)}`;
  byId("port").textContent = String(offer.port);
  arm();
  say(`Pair with sdz at port ${offer.port}? Its code is ${[...offer.code].join(" ")}`);
}

/** @param {string} title @param {string} about @param {boolean} last nothing comes after it */
function conclude(title, about, last) {
  over = last;
  shown = null;
  show(byId("offer"), false);
  show(byId("said"), true);
  if (byId("said-title").textContent === title) return;
  byId("said-title").textContent = title;
  byId("said-about").textContent = about;
  say(`${title}. ${about}`);
}

async function accept() {
  if (!shown) return;
  over = true; // what is looked up meanwhile is of before
  yes.disabled = true;
  const answer = await ask("accept", shown);
  if (answer.ok) {
    document.title = "Paired with sdz";
    byId("title").textContent = "Paired";
    conclude("This browser and sdz know each other now", `It is called ${answer.name} there, at port ${answer.port}. Pages that wait for pictures go on by themselves.`, true);
  } else {
    const problem = explain(answer.code, answer.message);
    conclude(problem.title, problem.about, false);
  }
  byId("close").focus();
}

async function leave() {
  const tab = await chrome.tabs.getCurrent();
  if (tab?.id !== undefined) await chrome.tabs.remove(tab.id);
}

async function decline() {
  over = true;
  await ask("decline");
  await leave();
}

async function start() {
  yes.onclick = accept;
  byId("no").onclick = decline;
  byId("close").onclick = leave;
  byId("options").onclick = () => chrome.runtime.openOptionsPage();
  for (const event of ["focus", "blur"]) addEventListener(event, arm);
  document.addEventListener("visibilitychange", arm);
  byId("title").focus(); // not the button: a key that is held down would press it
  for (;;) {
    if (!over) await look();
    document.body.dataset.ready = "true";
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

start();
