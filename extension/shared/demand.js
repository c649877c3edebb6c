/**
 * Asking the background, with a refusal thrown rather than returned.
 *
 * The pages' own way to `ask`: what they do on success reads as a story, and what is wrong is said in one place.
 */

import { ask } from "./ask.js";

/** The background's or the daemon's no. `code` is stable; `facts` is all that came with it. */
export class Refused extends Error {
  /** @param {string} code @param {string} message @param {Record<string, unknown>} [facts] */
  constructor(code, message, facts = {}) {
    super(message);
    this.name = "Refused";
    this.code = code;
    this.facts = facts;
  }
}

/**
 * @param {string} kind
 * @param {Record<string, unknown>} [fields]
 * @returns {Promise<any>} the answer's fields
 * @throws {Refused}
 */
export async function demand(kind, fields = {}) {
  const answer = await ask(kind, fields);
  if (answer.ok) return answer;
  throw new Refused(answer.code, answer.message ?? "", answer);
}

/** @param {unknown} error @returns {Refused} */
export function asRefused(error) {
  if (error instanceof Refused) return error;
  return new Refused("unexpected", error instanceof Error ? error.message : String(error));
}

/**
 * Waits, unless it is called off.
 * @param {number} ms @param {AbortSignal} signal
 */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const off = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", off);
      resolve(undefined);
    }, ms);
    signal.addEventListener("abort", off, { once: true });
  });
}
