/**
 * How many elements are looked into before those in view have their pictures.
 *
 * A page of 200 thumbnails asks for 200 files, their sizes and their small pictures in its first seconds: as much work as the
 * pictures in view, which would all come after it. So, beyond the first of a page, what is further away than a screen
 * waits for what is nearer, a few seconds at most; then come as many again.
 */

{
  /** So many need not wait; and so many are looked into at a time of those that are near all the same. */
  const MOST = 40;
  const NEAR_AT_ONCE = 16;
  const LONGEST_MS = 5_000;
  /** @type {Map<Element, () => void>} */
  const waiting = new Map();
  let passed = 0;
  let looking = 0;
  let timer = 0;

  /**
   * Look into an element when its turn has come.
   * @template T
   * @param {Element} element @param {() => Promise<T>} look done when the element has its place
   * @returns {Promise<T>}
   */
  sdz.inTurn = async function (element, look) {
    if (passed >= MOST) await turnOf(element);
    passed += 1;
    looking += 1;
    try {
      return await look();
    } finally {
      looking -= 1;
      soon();
    }
  };

  /** @param {Element} element @returns {Promise<void>} */
  function turnOf(element) {
    setTimeout(() => letGo(element), LONGEST_MS);
    const turn = new Promise((/** @type {(value: void) => void} */ go) => waiting.set(element, go));
    soon(); // nobody else may come to do so
    return turn;
  }

  /** @param {Element} element */
  function letGo(element) {
    const go = waiting.get(element);
    waiting.delete(element);
    go?.();
  }

  /** A task of its own: who has just been looked into may be about to ask for a picture. */
  function soon() {
    if (!timer && waiting.size) timer = window.setTimeout(letNext, 0);
  }

  /** Of elements without a place it is not known how far away they will be, so all that are being looked into come first. */
  function letNext() {
    timer = 0;
    if (looking) return;
    const all = [...waiting.keys()].sort(byPlace);
    if (!sdz.isBusyInView()) {
      passed = 0;
      all.slice(0, MOST).forEach(letGo);
    } else {
      const near = all.filter((element) => sdz.distanceOf(element) <= sdz.REACH);
      near.slice(0, NEAR_AT_ONCE).forEach(letGo);
    }
  }

  /** What comes first in the page takes the place in view. @param {Element} one @param {Element} other */
  function byPlace(one, other) {
    return one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
  }

  sdz.onMoved(soon);
  sdz.onCome(soon);
}
