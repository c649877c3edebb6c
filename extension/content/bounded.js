/** A map that forgets what was used longest ago, by count and by weight. */

sdz.Bounded = class {
  /**
   * @param {number} most weight of all values together
   * @param {(value: any) => number} weigh
   * @param {(value: any) => void} [drop] told what is let go
   */
  constructor(most, weigh, drop = () => {}) {
    this.most = most;
    this.weigh = weigh;
    this.drop = drop;
    this.weight = 0;
    /** @type {Map<string, any>} */
    this.map = new Map();
  }

  /** @param {string} key */
  get(key) {
    const value = this.map.get(key);
    if (value !== undefined) {
      this.map.delete(key);
      this.map.set(key, value);
    }
    return value;
  }

  /** @param {string} key @param {any} value */
  set(key, value) {
    this.delete(key);
    this.map.set(key, value);
    this.weight += this.weigh(value);
    for (const oldest of this.map.keys()) {
      if (this.weight <= this.most || oldest === key) break;
      this.delete(oldest);
    }
    return value;
  }

  /** @param {string} key */
  delete(key) {
    const value = this.map.get(key);
    if (value === undefined) return;
    this.map.delete(key);
    this.weight -= this.weigh(value);
    this.drop(value);
  }
};
