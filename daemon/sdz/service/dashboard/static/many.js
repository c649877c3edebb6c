/** Many pictures, one after the other: a row for each, a sum, and saving all of them. */

import { announce, byId, count, h, sentence, size } from "./dom.js";
import { grade } from "./grades.js";
import { begin, follow, words } from "./job.js";
import { wanted } from "./options.js";

let running = new AbortController();
/** @type {{name: string, blob: Blob}[]} */
let made = [];
let sum = { before: 0, failed: 0, others: 0, all: 0 };

/**
 * Set it up. `compare` is called with a file that is to be looked at.
 * @param {(file: File) => void} compare
 */
export function startMany(compare) {
  byId("many-cancel").addEventListener("click", () => running.abort());
  byId("many-clear").addEventListener("click", clear);
  byId("many-save").addEventListener("click", saveAll);
  return (files, others) => compressAll(files, others, compare);
}

async function compressAll(files, others, compare) {
  clear();
  const { signal } = (running = new AbortController());
  sum = { before: 0, failed: 0, others, all: files.length };
  byId("many").hidden = false;
  byId("many-cancel").hidden = false;
  const rows = files.map((file) => rowOf(file, compare));
  byId("many-list").replaceChildren(...rows.map((row) => row.node));
  showSum();
  for (const row of rows) {
    if (signal.aborted) row.say("not done");
    else await one(row, signal);
    showSum();
  }
  byId("many-save").hidden = made.length === 0;
  if (document.activeElement === byId("many-cancel")) byId("many-clear").focus();
  byId("many-cancel").hidden = true;
  announce(byId("many-sum").textContent);
}

async function one(row, signal) {
  try {
    row.say("Sending");
    const query = { ...wanted(), allow_larger: undefined };
    const id = await begin(row.file, query, signal);
    const reply = await follow(id, (job) => row.tell(job), signal);
    const blob = await reply.blob();
    row.done(blob, Number(reply.headers.get("Sdz-Score") ?? NaN));
    made.push({ name: row.output, blob });
    sum.before += row.file.size;
  } catch (error) {
    row.say(error.name === "AbortError" ? "Cancelled" : sentence(error.message));
    if (error.name !== "AbortError") sum.failed += 1;
  }
}

function rowOf(file, compare) {
  const said = h("p", { className: "about", textContent: "Waiting" });
  const bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": `Progress of ${file.name}` });
  const buttons = h("div", { className: "buttons" });
  const what = h("div", { className: "what" }, h("h3", { textContent: file.webkitRelativePath || file.name }), said);
  const node = h("li", { className: "row" }, what, bar, buttons);
  const output = `${file.name.replace(/\.[^.]*$/, "")}.sdz`;
  return {
    node, file, output,
    say(text) {
      bar.hidden = true;
      said.textContent = text;
    },
    tell(job) {
      bar.hidden = false;
      bar.value = job.share;
      said.textContent = words(job);
    },
    done(blob, score) {
      bar.hidden = true;
      said.textContent = `${size(file.size)} → ${size(blob.size)}, score ${score.toFixed(1)} (${grade(score).name.toLowerCase()})`;
      const link = h("a", { className: "button", textContent: "Save", href: URL.createObjectURL(blob), download: output });
      link.setAttribute("aria-label", `Save ${output}`);
      const look = h("button", { type: "button", textContent: "Compare", onclick: () => compare(file) });
      look.setAttribute("aria-label", `Compare ${file.name}`);
      buttons.replaceChildren(look, link);
    },
  };
}

function showSum() {
  const after = made.reduce((bytes, one) => bytes + one.blob.size, 0);
  byId("many-sum").textContent = [
    `${made.length} of ${count(sum.all, "picture")} done`,
    made.length && `${size(sum.before)} → ${size(after)}`,
    sum.failed && `${sum.failed} not made`,
    sum.others && `${count(sum.others, "file")} left alone: no pictures by their names`,
  ].filter(Boolean).join(" · ");
}

/** Into a folder where the browser can, else as downloads. */
async function saveAll() {
  if (!window.showDirectoryPicker) {
    for (const { name, blob } of made) {
      h("a", { href: URL.createObjectURL(blob), download: name }).click();
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    return;
  }
  try {
    const folder = await window.showDirectoryPicker({ mode: "readwrite" });
    for (const { name, blob } of made) {
      const file = await (await folder.getFileHandle(await free(folder, name), { create: true })).createWritable();
      await file.write(blob);
      await file.close();
    }
    announce(`${count(made.length, "file")} saved`);
  } catch (error) {
    if (error.name !== "AbortError") byId("many-sum").textContent = sentence(error.message);
  }
}

/** A name that nothing in the folder has. */
async function free(folder, name) {
  const stem = name.replace(/\.sdz$/, "");
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? name : `${stem}.${number}.sdz`;
    const there = await folder.getFileHandle(tried).then(() => true, (error) => error.name !== "NotFoundError");
    if (!there) return tried;
  }
}

function clear() {
  running.abort();
  made = [];
  for (const link of byId("many-list").querySelectorAll("a")) URL.revokeObjectURL(link.href);
  byId("many-list").replaceChildren();
  byId("many").hidden = true;
  byId("many-save").hidden = true;
  byId("many-sum").textContent = "";
}
