/**
 * Compressing a picture that was chosen in a context menu: it is shown meanwhile, with how far the daemon is, and a button
 * that ends it. The daemon ends a job by itself that nobody has asked about for two minutes: where this page was closed.
 */

import { isSdz } from "../background/header.js";
import { ask } from "../shared/ask.js";
import { demand, pause, Refused } from "../shared/demand.js";
import { byId, saveBlob, show } from "../shared/dom.js";
import { nameOf, renamed } from "../shared/naming.js";
import { busy, current, retitle, stage, toOpen } from "./showing.js";

/** @typedef {{id: string, state: "running" | "done" | "failed" | "cancelled", error: string | null, detail: string | null, doing: string, attempt: number, left_s: number | null}} Job */

const LOOK_MS = 500;

/**
 * What is to be opened: the file that is made, saved too.
 * @param {string} id of the choice
 */
export function toCompress(id) {
  const it = toOpen("Compressing…", async () => {
    const source = await demand("grab", { id });
    const name = source.name || nameOf(source.url);
    if (isSdz(new Uint8Array(source.bytes))) {
      retitle(it, name); // there is nothing to do; its report is what was wanted
      return source.bytes;
    }
    retitle(it, name);
    const isOpen = () => current() === it;
    if (isOpen()) await showSource(new Blob([source.bytes], { type: source.type }), name);
    const made = await encode(source.bytes, name, isOpen);
    retitle(it, renamed(name, "sdz"));
    it.madeFrom = { bytes: source.bytes.byteLength, name };
    it.notes = made.report.notes;
    if (isOpen()) saveBlob(new Blob([made.bytes], { type: "application/x-sdz" }), it.name);
    return made.bytes;
  });
  return it;
}

/** What is compressed, where the browser can show it. @param {Blob} blob @param {string} name */
async function showSource(blob, name) {
  try {
    const bitmap = await createImageBitmap(blob);
    stage.layOut(bitmap, false);
    bitmap.close();
    await stage.paint("preview", blob, name);
  } catch {
    // The daemon reads more kinds than browsers do.
  }
}

/** @param {ArrayBuffer} bytes @param {string} name @param {() => boolean} isOpen whether this is what is looked at */
async function encode(bytes, name, isOpen) {
  if (isOpen()) busy(`Compressing ${name}…`);
  let job = /** @type {Job} */ ((await demand("encode", { bytes })).job);
  const stop = new AbortController();
  const button = byId("stop");
  button.onclick = () => stop.abort();
  try {
    while (job.state === "running" && !stop.signal.aborted) {
      if (!isOpen()) stop.abort();
      else {
        show(button, true);
        busy(words(job, name));
      }
      await pause(LOOK_MS, stop.signal).catch(() => {});
      ({ job } = await demand("job", { id: job.id }));
    }
  } finally {
    if (isOpen()) show(button, false);
  }
  if (stop.signal.aborted) {
    await ask("cancel", { id: job.id });
    throw new Refused("cancelled", "");
  }
  if (job.state === "done") return demand("encoded", { id: job.id });
  throw new Refused(job.error ?? "cancelled", job.detail ?? "");
}

/** @param {Job} job @param {string} name @returns {string} "Compressing a.png: coding, attempt 3, about 12 s left" */
export function words({ doing, attempt, left_s: left }, name) {
  const facts = [doing, attempt > 1 && `attempt ${attempt}`, left !== null && left >= 1 && `about ${Math.round(left)} s left`];
  const said = facts.filter(Boolean).join(", ");
  return said ? `Compressing ${name}: ${said}` : `Compressing ${name}…`;
}
