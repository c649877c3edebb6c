/** Doing a few things at a time, and the same thing once. Pure. */

/** At most `most` tasks at once; the others wait in order. */
export class Limit {
  /** @param {number} most */
  constructor(most) {
    this.left = most;
    /** @type {(() => void)[]} */
    this.waiting = [];
  }

  /**
   * @template T
   * @param {() => Promise<T>} task
   * @returns {Promise<T>}
   */
  async run(task) {
    if (this.left > 0) this.left -= 1;
    else await new Promise((resolve) => this.waiting.push(() => resolve(undefined)));
    try {
      return await task();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.left += 1;
    }
  }
}

/** Runs that were asked for while the same one was under way share its result. @template T */
export class Once {
  constructor() {
    /** @type {Map<string, Promise<T>>} */
    this.running = new Map();
  }

  /** @param {string} key @param {() => Promise<T>} task @returns {Promise<T>} */
  run(key, task) {
    let run = this.running.get(key);
    if (!run) {
      run = task().finally(() => this.running.delete(key));
      this.running.set(key, run);
    }
    return run;
  }
}
