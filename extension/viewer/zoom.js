/**
 * Where the picture lies in the view, and how large. Pure: every function returns a new place.
 *
 * A place is {scale, x, y}: CSS pixels per picture pixel, and the picture's top left corner in CSS pixels from
 * the view's. A picture smaller than the view is centred; a larger one never leaves a gap.
 */

/** @typedef {{width: number, height: number}} Size */
/** @typedef {{scale: number, x: number, y: number}} Place */
/** @typedef {{x: number, y: number}} Point */

export const LARGEST = 32;
const SMALLEST = 0.02;

/** Scales that + and - step through. */
const STEPS = [0.05, 0.1, 0.25, 1 / 3, 0.5, 2 / 3, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32];

/**
 * The scale at which the whole picture is seen; never larger than the picture is.
 * @param {Size} view @param {Size} picture @param {number} [margin] CSS pixels on each side
 */
export function fitScale(view, picture, margin = 0) {
  const across = (view.width - 2 * margin) / picture.width;
  const down = (view.height - 2 * margin) / picture.height;
  return Math.max(Math.min(across, down, 1), 1e-4);
}

/**
 * The nearest place that is allowed.
 * @param {Place} place @param {Size} view @param {Size} picture
 * @returns {Place}
 */
export function settle(place, view, picture) {
  const scale = place.scale;
  const along = (/** @type {number} */ at, /** @type {number} */ room, /** @type {number} */ side) => {
    const spare = room - side * scale;
    return spare >= 0 ? spare / 2 : Math.min(0, Math.max(spare, at));
  };
  return { scale, x: along(place.x, view.width, picture.width), y: along(place.y, view.height, picture.height) };
}

/**
 * The whole picture, centred.
 * @param {Size} view @param {Size} picture @param {number} [margin]
 * @returns {Place}
 */
export function fit(view, picture, margin = 0) {
  return settle({ scale: fitScale(view, picture, margin), x: 0, y: 0 }, view, picture);
}

/**
 * To `scale`, with the picture's point under `at` staying where it is.
 * @param {Place} place @param {number} scale @param {Point} at in the view @param {Size} view @param {Size} picture
 * @returns {Place}
 */
export function zoomTo(place, scale, at, view, picture) {
  // A huge picture's fit may be below the smallest scale, and must stay within reach.
  const least = Math.min(SMALLEST, fitScale(view, picture));
  const next = Math.min(LARGEST, Math.max(least, scale));
  const ratio = next / place.scale;
  return settle({ scale: next, x: at.x - (at.x - place.x) * ratio, y: at.y - (at.y - place.y) * ratio }, view, picture);
}

/**
 * The next scale up or down; the scale that fits is one of the steps.
 * @param {number} scale @param {1 | -1} direction @param {number} fitting
 */
export function step(scale, direction, fitting) {
  const steps = [...STEPS, fitting].sort((a, b) => a - b);
  const close = 1e-3; // of the scale: what counts as being on a step already
  if (direction > 0) return steps.find((s) => s > scale * (1 + close)) ?? LARGEST;
  return steps.findLast((s) => s < scale * (1 - close)) ?? fitting;
}

/** @param {Place} place @param {number} dx @param {number} dy @param {Size} view @param {Size} picture */
export function pan(place, dx, dy, view, picture) {
  return settle({ scale: place.scale, x: place.x + dx, y: place.y + dy }, view, picture);
}

/**
 * How much one turn of the wheel zooms.
 * @param {{deltaY: number, deltaMode: number, ctrlKey: boolean}} turn a WheelEvent; a pinch on a touchpad is one with ctrlKey
 * @returns {number} factor
 */
export function wheelFactor(turn) {
  const pixels = turn.deltaY * (turn.deltaMode === 1 ? 16 : turn.deltaMode === 2 ? 400 : 1);
  // A pinch comes in small deltas; a notch of a mouse wheel is about 100 pixels and zooms by a fifth.
  const rate = turn.ctrlKey ? 0.01 : 0.0018;
  return Math.exp(-Math.max(-300, Math.min(300, pixels)) * rate);
}
