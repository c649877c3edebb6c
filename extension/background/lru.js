/** A cache that is bounded in what its entries weigh; the one used longest ago goes first. Pure. */

/** @template V */
export class Lru {
  /**
   * @param {number} most what all entries together may weigh
   * @param {(value: V) => number} weigh
   */
  constructor(most, weigh) {
    this.most = most;
    this.weigh = weigh;
    this.weight = 0;
    /** @type {Map<string, V>} */
    this.entries = new Map();
  }

  /** @param {string} key @returns {V | undefined} */
  get(key) {
    const value = this.entries.get(key);
    if (value !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }

  /** What alone weighs more than all may is not kept. @param {string} key @param {V} value */
  set(key, value) {
    this.delete(key);
    const weight = this.weigh(value);
    if (weight > this.most) return;
    this.entries.set(key, value);
    this.weight += weight;
    for (const oldest of this.entries.keys()) {
      if (this.weight <= this.most) break;
      this.delete(oldest);
    }
  }

  /** @param {string} key */
  delete(key) {
    const value = this.entries.get(key);
    if (value === undefined) return;
    this.entries.delete(key);
    this.weight -= this.weigh(value);
  }
}
