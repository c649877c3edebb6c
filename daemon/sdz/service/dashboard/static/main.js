/** The page: its session, its views, and the stream that keeps them up to date. */

import { begin, whenEnded } from "./api.js";
import * as clients from "./clients.js";
import * as compare from "./compare.js";
import { byId } from "./dom.js";
import { listen, on } from "./events.js";
import * as folders from "./folders.js";
import * as models from "./models.js";
import * as status from "./status.js";

const VIEWS = ["compare", "folders", "models", "clients", "status"];
const life = new AbortController();

/** Show the view that the address names; others are hidden, from screen readers too. */
function showView() {
  const wanted = location.hash.slice(1);
  if (wanted === "main") return; // the link that skips the navigation
  const view = VIEWS.includes(wanted) ? wanted : VIEWS[0];
  for (const name of VIEWS) {
    byId(`view-${name}`).hidden = name !== view;
    const link = document.querySelector(`nav a[href="#${name}"]`);
    if (name === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${byId(`${view}-title`).textContent} · sdz`;
}

function end(problem) {
  life.abort();
  byId("gone").hidden = true;
  const place = byId("ended");
  place.hidden = false;
  place.textContent = problem.message[0].toUpperCase() + problem.message.slice(1);
  status.pulse("down", "Session ended");
  removeEventListener("hashchange", showView);
  document.querySelector("nav").hidden = true;
  // What was seen in the session is not left on the screen.
  for (const name of VIEWS) byId(`view-${name}`).hidden = true;
  status.stop();
}

addEventListener("hashchange", showView);
showView();
whenEnded(end);
const bringBack = compare.start();
for (const view of [folders, models, clients, status]) view.start();
on("link", (up) => (byId("gone").hidden = up));
try {
  await begin();
  bringBack().catch(() => {});
  await listen(life.signal);
} catch (error) {
  if (error.status !== 401 && error.status !== 403) status.pulse("down", "Not answering");
}
