/** Doing a few things at a time, and the same thing once. Pure. */

/** At most `most` tasks at once; the others wait in order, and those that can wait for all others, of which half as many run. */
export class Limit {
  /** @param {number} most */
  constructor(most) {
    this.left = most;
    this.reserved = Math.floor(most / 2);
    /** @type {{begin: () => void, canWait: () => boolean}[]} */
    this.waiting = [];
  }

  /**
   * @template T
   * @param {() => Promise<T>} task
   * @param {() => boolean} [canWait] asked again whenever one may begin
   * @returns {Promise<T>}
   */
  async run(task, canWait = () => false) {
    await new Promise((resolve) => {
      this.waiting.push({ begin: () => resolve(undefined), canWait });
      this.look();
    });
    try {
      return await task();
    } finally {
      this.left += 1;
      this.look();
    }
  }

  /** Begin what may begin: also to be called when what could wait no longer can. */
  look() {
    while (this.left > 0) {
      let at = this.waiting.findIndex(({ canWait }) => !canWait());
      if (at < 0 && this.left > this.reserved) at = 0;
      const [next] = at < 0 ? [] : this.waiting.splice(at, 1);
      if (!next) return;
      this.left -= 1;
      next.begin();
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
