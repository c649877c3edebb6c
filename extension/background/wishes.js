/**
 * What several may want, made once and a few at a time: what someone looks at first, and what nobody wants any more not at
 * all. Pure.
 */

import { Limit } from "./limit.js";
import { Refusal } from "./refusal.js";

/**
 * @template T
 * @typedef {{wantedBy: Map<unknown, boolean>, off: AbortController, made: Promise<T>}} Wish those who want it, and whether they can wait
 */

/** @template T */
export class Wishes {
  /** @param {number} most at a time @param {number} [many] */
  constructor(most, many = Infinity) {
    this.limit = new Limit(most);
    this.many = many;
    this.begun = 0;
    /** @type {Map<string, Wish<T>>} */
    this.wishes = new Map();
  }

  /**
   * @param {string} name @param {unknown} who @param {boolean} canWait for whatever somebody looks at
   * @param {(signal: AbortSignal) => Promise<T>} make
   * @returns {Promise<T>}
   * @throws {Refusal} dropped, or whatever `make` does
   */
  async want(name, who, canWait, make) {
    let wish = this.wishes.get(name);
    while (wish?.off.signal.aborted) {
      await wish.made.catch(() => {});
      wish = this.wishes.get(name);
    }
    wish ??= this.#begin(name, make);
    wish.wantedBy.set(who, canWait);
    this.limit.look();
    return wish.made;
  }

  /** Whether more than `many` have been begun since none was left. */
  get areMany() {
    return this.begun > this.many;
  }

  /** Whoever wanted it does so no longer. @param {string} name @param {unknown} who */
  drop(name, who) {
    const wish = this.wishes.get(name);
    if (wish?.wantedBy.delete(who) && !wish.wantedBy.size) wish.off.abort();
  }

  /** @param {string} name @param {(signal: AbortSignal) => Promise<T>} make @returns {Wish<T>} */
  #begin(name, make) {
    /** @type {Map<unknown, boolean>} */
    const wantedBy = new Map();
    const off = new AbortController();
    const { signal } = off;
    const canWait = () => [...wantedBy.values()].every(Boolean);
    const act = async () => {
      if (signal.aborted) throw new Refusal("dropped", "Nobody wants it any more.");
      this.begun += 1;
      return make(signal);
    };
    // Whoever wants it is entered before it could begin.
    const made = Promise.resolve()
      .then(() => this.limit.run(act, canWait))
      .finally(() => {
        this.wishes.delete(name);
        if (!this.wishes.size) this.begun = 0;
      });
    const wish = { wantedBy, off, made };
    this.wishes.set(name, wish);
    return wish;
  }
}
