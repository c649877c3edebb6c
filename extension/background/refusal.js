/** Why something was not done: a code that parts of the extension go by, a sentence for people. */

export class Refusal extends Error {
  /** @param {string} code @param {string} message @param {Record<string, unknown>} [facts] */
  constructor(code, message, facts = {}) {
    super(message);
    this.code = code;
    this.facts = facts;
  }
}

/** Codes that say the picture may come later, when the user or the daemon has done something. */
const PASSING = new Set([
  "absent",
  "unpaired",
  "token-refused",
  "model-missing",
  "queue-full",
  "too-many-requests",
  "draining",
  "engine-crashed",
  "engine-stopped",
  "took-too-long",
  "deadline-passed",
  "no-background",
]);

/** @param {string} code */
export function isPassing(code) {
  return PASSING.has(code);
}
