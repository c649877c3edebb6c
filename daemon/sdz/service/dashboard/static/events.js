/** What happens in the daemon, as it happens: Server-Sent Events by fetch, since they need a key. */

import { send } from "./api.js";

const LONGEST_PAUSE_MS = 15000;

/** @type {Map<string, Set<(data: any) => void>>} */
const listeners = new Map();

/**
 * Be told of a kind of event; "gap" is told when events were missed, "link" when the stream comes
 * (true) or goes (false).
 */
export function on(kind, callback) {
  if (!listeners.has(kind)) listeners.set(kind, new Set());
  listeners.get(kind).add(callback);
}

function tell(kind, data) {
  for (const callback of listeners.get(kind) ?? []) callback(data);
}

/** Listen until `signal` says stop; comes back after each end of the stream. */
export async function listen(signal) {
  let last = null;
  let pause = 500;
  while (!signal.aborted) {
    try {
      const headers = last ? { "Last-Event-ID": last } : {};
      const reply = await send("GET", "/v1/events", { headers, signal });
      tell("link", true);
      if (!last) tell("gap", {});
      pause = 500;
      for await (const event of read(reply.body)) {
        last = event.id ?? last;
        tell(event.kind, event.data);
      }
    } catch (error) {
      if (signal.aborted || error.status === 401) return;
    }
    tell("link", false);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

/** The events of a stream of text. Comments, the daemon's signs of life, are passed over. */
async function* read(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const event = parse(block);
      if (event) yield event;
    }
  }
}

function parse(block) {
  const fields = {};
  for (const line of block.split("\n")) {
    const at = line.indexOf(": ");
    if (at > 0) fields[line.slice(0, at)] = line.slice(at + 2);
  }
  if (!fields.event) return null;
  return { kind: fields.event, id: fields.id, data: JSON.parse(fields.data) };
}

/** Call `work` soon after the last of several calls, and once at most in `ms`. */
export function soon(work, ms = 250) {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      work();
    }, ms);
  };
}
