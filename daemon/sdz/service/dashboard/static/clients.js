/** The view "Clients": who is let in, ending that, and letting another one in by a code. */

import { get, post, send } from "./api.js";
import { act, announce, byId, h, showProblem, sync } from "./dom.js";
import { confirm } from "./confirm.js";
import { on, soon } from "./events.js";

const KINDS = [
  ["chrome-extension://", "Extension of Chrome or one like it"],
  ["moz-extension://", "Extension of Firefox"],
  ["safari-web-extension://", "Extension of Safari"],
];

let timer = null;

/** Set the view up. */
export function start() {
  const refresh = soon(load);
  on("gap", refresh);
  on("client", (event) => {
    if (event.paired) {
      delete document.documentElement.dataset.sdzExtension;
      closeCode(`${event.paired} is let in.`);
    }
    refresh();
  });
  const button = byId("pair");
  button.addEventListener("click", () => act("clients", button, openCode));
  byId("pair-here").addEventListener("click", () => {
    location.hash = "#clients";
    act("clients", button, openCode);
  });
  new MutationObserver(invite).observe(document.documentElement, { attributeFilter: ["data-sdz-extension"] });
  invite();
}

/** An extension of this browser's says that it is not paired (extension/dashboard/offer.js). */
function invite() {
  byId("invite").hidden = !isInvited();
}

function isInvited() {
  return document.documentElement.dataset.sdzExtension === "unpaired";
}

async function load() {
  try {
    const { clients } = await get("/v1/clients");
    sync(byId("clients"), clients, { id: (row) => row.id, make, update, empty: "Nobody is let in yet." });
  } catch (error) {
    showProblem("clients", error);
  }
}

function make(row) {
  const button = h("button", {
    type: "button",
    textContent: "Revoke",
    "aria-label": `Revoke ${row.name}`,
    onclick: () => act("clients", button, () => revoke(row)),
  });
  return h(
    "li",
    { className: "row" },
    h("div", { className: "what" }, h("h2"), h("p", { className: "about" })),
    h("div", { className: "buttons" }, button),
  );
}

function update(node, row) {
  const since = new Date(row.created).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  node.querySelector("h2").textContent = row.name;
  node.querySelector(".about").textContent = `${kindOf(row.origin)} · since ${since}`;
}

function kindOf(origin) {
  if (!origin) return "Program";
  return KINDS.find(([scheme]) => origin.startsWith(scheme))?.[1] ?? origin;
}

async function revoke(row) {
  const text = "It is refused from its next request on. To use the daemon again it must be paired again.";
  if (!(await confirm(`Revoke ${row.name}?`, text, "Revoke"))) return;
  await send("DELETE", `/v1/clients/${encodeURIComponent(row.id)}`);
  announce(`${row.name} is revoked`);
  await load();
}

async function openCode() {
  const offer = await post("/v1/pairing");
  const until = Date.now() + offer.valid_s * 1000;
  byId("code").replaceChildren(
    h("span", { textContent: offer.code.slice(0, 4) }),
    " ",
    h("span", { textContent: offer.code.slice(4) }),
  );
  byId("pair-port").textContent = String(offer.port);
  // For the extension: on this machine's own page it may offer to fill the code in.
  Object.assign(byId("pair-code").dataset, { code: offer.code, port: String(offer.port) });
  byId("pair-code").hidden = false;
  byId("pair-said").textContent = isInvited() ? "The extension asks you in a tab of its own: compare the code there." : "";
  byId("pair").textContent = "New code";
  announce(`The code is ${[...offer.code].join(" ")}, the port ${offer.port}`);
  clearInterval(timer);
  timer = setInterval(() => tick(until), 1000);
  tick(until);
}

function tick(until) {
  const left = Math.max(0, Math.round((until - Date.now()) / 1000));
  byId("pair-left").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  if (!left) closeCode("The code has expired.");
  else if (left % 5 === 0) look(); // wrong codes close pairing, and no event tells of it
}

async function look() {
  const { state } = await get("/v1/pairing").catch(() => ({ state: "open" }));
  if (state === "spent") closeCode("Too many wrong codes. Pairing is closed.");
}

function closeCode(text) {
  clearInterval(timer);
  byId("pair-code").hidden = true;
  delete byId("pair-code").dataset.code;
  byId("pair").textContent = "Pair";
  byId("pair-said").textContent = text;
}
