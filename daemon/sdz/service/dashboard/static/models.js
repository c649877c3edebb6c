/** The view "Models": what there is, fetching it, and having it in memory or not. */

import { get, post, send } from "./api.js";
import { act, announce, byId, h, sentence, showProblem, size, sync } from "./dom.js";
import { on, soon } from "./events.js";

const WORDS = {
  "built-in": "Built in",
  installed: "Installed",
  missing: "Not on this machine",
  damaged: "Damaged: fetch it again",
};

/** Pulls that run, by model. */
const pulls = new Map();
let rows = [];

/** Set the view up. */
export function start() {
  const refresh = soon(load);
  on("gap", refresh);
  on("engine", refresh);
  on("job", (job) => {
    if (job.kind !== "pull") return;
    if (job.state === "running") pulls.set(job.subject, job);
    else {
      pulls.delete(job.subject);
      if (job.state === "failed") showProblem("models", new Error(job.detail ?? job.error));
      if (job.state === "done") announce(`${job.subject} is on this machine now`);
      refresh();
    }
    draw();
  });
}

async function load() {
  try {
    rows = (await get("/v1/models")).models;
    draw();
  } catch (error) {
    showProblem("models", error);
  }
}

function draw() {
  sync(byId("models"), rows, { id: (row) => row.name, make, update, empty: "No models" });
}

function make(row) {
  const node = h(
    "li",
    { className: "row" },
    h("div", { className: "what" }, h("h2", { textContent: row.name }), h("p", { className: "about" }), page(row)),
    h("div", { className: "progress", hidden: true }, h("progress", { "aria-label": `Fetching ${row.name}` }), h("span")),
    h("div", { className: "buttons" }),
  );
  for (const [word, label, work] of [
    ["pull", "Fetch", () => post(`/v1/models/${row.name}/pull`)],
    ["cancel", "Cancel", () => send("DELETE", `/v1/jobs/${pulls.get(row.name).id}`)],
    ["load", "Load", () => post(`/v1/models/${row.name}/load`).then(() => announce(`${row.name} is in memory`))],
    ["unload", "Unload", () => post(`/v1/models/${row.name}/unload`).then(() => announce(`${row.name} is no longer in memory`))],
  ]) {
    const button = h("button", {
      type: "button",
      textContent: label,
      "data-word": word,
      "aria-label": `${label} ${row.name}`,
      onclick: () => act("models", button, () => work().finally(load)),
    });
    node.querySelector(".buttons").append(button);
  }
  return node;
}

/** Where its makers say what may be done with it. Made once, so that a draw takes no focus away. */
function page(row) {
  const where = row.page.replace("https://", "");
  const parts = where.split("/").flatMap((word, at) => (at ? ["/", h("wbr"), word] : [word]));
  return h("p", { className: "about", hidden: !where }, h("a", { href: row.page, target: "_blank", rel: "noreferrer" }, ...parts));
}

function update(node, row) {
  const job = pulls.get(row.name);
  const here = row.state === "built-in" || row.state === "installed";
  const facts = [
    WORDS[row.state],
    row.size ? size(row.size) : row.download_bytes && `about ${size(row.download_bytes)}`,
    row.licence && `licence: ${row.licence}`,
    !here && row.needs && `needs pip install '${row.needs}'`,
  ].filter(Boolean);
  const about = node.querySelector(".about");
  about.replaceChildren(sentence(row.purpose), h("br"), facts.join(" · "));
  if (row.resident) about.prepend(h("span", { className: "badge", textContent: "In memory" }), " ");
  const wants = { pull: !here && !job, cancel: Boolean(job), load: here && !row.resident, unload: row.resident };
  for (const button of node.querySelectorAll("button")) button.hidden = !wants[button.dataset.word];
  const progress = node.querySelector(".progress");
  progress.hidden = !job;
  if (!job) return;
  const bar = progress.querySelector("progress");
  if (job.total) [bar.max, bar.value] = [job.total, job.done];
  progress.querySelector("span").textContent = job.total
    ? `${size(job.done)} of ${size(job.total)}`
    : "asking for it";
}
