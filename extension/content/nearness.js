/**
 * How far elements are from what is seen of their page, in screens: 0 in view, 1 where a screen must be scrolled.
 *
 * Boxes tell at once, but not of what lies in a container or frame that is itself out of view: that the browser tells, by an
 * IntersectionObserver, and with it whenever something comes within reach or leaves it. On paper all is in view.
 */

{
  const REACH = 1;
  const BEYOND = 0.5;
  const PERCENT = `${100 * REACH}%`;

  /** What the browser said last. @type {WeakMap<Element, boolean>} */
  const within = new WeakMap();
  /** @type {(() => void)[]} */
  const hearers = [];
  const tell = () => hearers.forEach((hear) => hear());
  let printing = false;

  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) within.set(target, isIntersecting);
      tell();
    },
    /** @type {IntersectionObserverInit} */ ({ rootMargin: PERCENT, scrollMargin: PERCENT }),
  );

  /** What is further away nobody sees soon. */
  sdz.REACH = REACH;

  /** @param {() => void} hear called when something came within reach or left it */
  sdz.onMoved = (hear) => void hearers.push(hear);

  /** @param {Element} element @param {boolean} is */
  sdz.watchDistance = function (element, is) {
    if (is) return observer.observe(element);
    observer.unobserve(element);
    within.delete(element);
  };

  /** Infinity where it is not shown at all. @param {Element} element */
  sdz.distanceOf = function (element) {
    if (printing) return 0;
    const { top, right, bottom, left, width, height } = element.getBoundingClientRect();
    if (!width && !height && !element.getClientRects().length) return Infinity;
    const down = Math.max(0, top - innerHeight, -bottom) / (innerHeight || 1);
    const across = Math.max(0, left - innerWidth, -right) / (innerWidth || 1);
    const screens = Math.max(down, across);
    return within.get(element) === false ? REACH + BEYOND + screens : screens;
  };

  /** @param {boolean} is */
  const print = (is) => () => {
    printing = is;
    tell();
  };
  const { signal } = sdz.off;
  addEventListener("beforeprint", print(true), { signal });
  addEventListener("afterprint", print(false), { signal });
  signal.addEventListener("abort", () => observer.disconnect());
}
