/**
 * How large an image is shown, and so how much of its picture is asked for; and again when it grows.
 *
 * What is shown at less than half its size is asked for at that size, in the screen's own pixels, and framed
 * (live.js) so that the page sees the size of the file.
 */

{
  const WORTH = 0.5;
  const SETTLED_MS = 150;

  /** What looks whether an image has outgrown its picture. @type {WeakMap<Element, () => void>} */
  const watched = new WeakMap();
  /** @type {Set<Element>} */
  const changed = new Set();
  let timer = 0;
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) changed.add(target);
    clearTimeout(timer);
    timer = window.setTimeout(look, SETTLED_MS);
  });

  /**
   * The longer side that its picture needs, 0 for all there is.
   * @param {Element} element that holds its place @param {SdzSource} source
   */
  sdz.sideOf = function (element, { width, height }) {
    const box = element.getBoundingClientRect();
    // Of what is cropped by `object-fit: cover` one side decides, of what is fitted in the other.
    const share = Math.max(box.width / width, box.height / height) * devicePixelRatio;
    return share > 0 && share <= WORTH ? Math.ceil(share * Math.max(width, height)) : 0;
  };

  /**
   * Call `more` when the image needs more than this.
   * @param {Element} element @param {SdzSource} source @param {number} side @param {() => void} more
   */
  sdz.watchSize = function (element, source, side, more) {
    watched.delete(element);
    if (!side) return observer.unobserve(element);
    watched.set(element, () => {
      const needed = sdz.sideOf(element, source);
      if (needed > side || (!needed && element.getBoundingClientRect().width > 0)) more();
    });
    // Of the screen's own pixels there are more when the page is zoomed, too.
    observer.observe(element, { box: "device-pixel-content-box" });
  };

  function look() {
    for (const element of changed) watched.get(element)?.();
    changed.clear();
  }

  sdz.off.signal.addEventListener("abort", () => observer.disconnect());
}
