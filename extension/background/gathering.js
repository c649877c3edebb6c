/**
 * What is wanted at about the same time, sent together: the first at once, what comes while that is under way
 * with the next, and nobody waits long for a slow one. Pure.
 */

/** @template T */
export class Gathering {
  /**
   * @param {(wanted: T[]) => Promise<unknown>} send
   * @param {{count: number, weight: number, waitMs: number}} most in one, and how long what is wanted waits for another
   * @param {(one: T) => number} weigh
   */
  constructor(send, most, weigh) {
    this.send = send;
    this.most = most;
    this.weigh = weigh;
    /** @type {T[]} */
    this.wanted = [];
    this.weight = 0;
    this.underWay = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** @param {T} one */
  want(one) {
    this.wanted.push(one);
    this.weight += this.weigh(one);
    if (!this.underWay || this.wanted.length >= this.most.count || this.weight >= this.most.weight) this.#go();
    else this.timer ??= setTimeout(() => this.#go(), this.most.waitMs);
  }

  #go() {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.wanted.length) return;
    const together = this.wanted;
    [this.wanted, this.weight] = [[], 0];
    this.underWay += 1;
    const done = () => {
      this.underWay -= 1;
      if (!this.underWay) this.#go();
    };
    this.send(together).then(done, done);
  }
}
