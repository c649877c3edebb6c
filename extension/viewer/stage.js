/**
 * The stage: the picture (and its preview below it) at a place, moved by wheel, pinch, drag and keys.
 *
 * Two <img> elements share one box of the picture's own size, so that the preview lies exactly where the
 * picture will be, and nothing jumps when it comes.
 */

import { fit, fitScale, pan, step, wheelFactor, zoomTo } from "./zoom.js";

/** @typedef {import("./zoom.js").Place} Place */
/** @typedef {import("./zoom.js").Size} Size */

const MARGIN = 24;
const KEY_PAN = 60;
const ARROWS = new Map([
  ["ArrowLeft", { x: 1, y: 0 }],
  ["ArrowRight", { x: -1, y: 0 }],
  ["ArrowUp", { x: 0, y: 1 }],
  ["ArrowDown", { x: 0, y: -1 }],
]);
const SHARP_FROM = 3; // pixels are shown as squares from this scale on

export class Stage {
  /** @type {Size | null} */
  #size = null;
  /** @type {Place} */
  #place = { scale: 1, x: 0, y: 0 };
  #fitted = true;
  /** @type {Map<number, {x: number, y: number}>} */
  #pointers = new Map();

  /**
   * @param {{view: HTMLElement, box: HTMLElement, preview: HTMLImageElement, picture: HTMLImageElement}} parts
   * @param {(scale: number, fitted: boolean, asked: boolean) => void} moved called after each change; `asked`: by the user
   */
  constructor(parts, moved) {
    this.parts = parts;
    this.moved = moved;
    const { view } = parts;
    view.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    view.addEventListener("pointerdown", (event) => this.#down(event));
    view.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      view.addEventListener(end, (event) => this.#up(/** @type {PointerEvent} */ (event)));
    }
    view.addEventListener("dblclick", (event) => this.toggle(this.#point(event)));
    view.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.#resized()).observe(view);
  }

  /** Empties the stage. */
  clear() {
    for (const img of [this.parts.preview, this.parts.picture]) {
      if (img.src) URL.revokeObjectURL(img.src);
      img.removeAttribute("src");
      img.hidden = true;
    }
    this.#size = null;
    this.parts.box.hidden = true;
    this.parts.view.classList.remove("larger");
  }

  /** Makes room for a picture that is to come. @param {Size} size in pixels @param {boolean} alpha */
  layOut(size, alpha) {
    this.#size = size;
    this.parts.box.hidden = false;
    this.parts.box.classList.toggle("alpha", alpha);
    this.#set(fit(this.#view(), size, MARGIN), true, false);
  }

  /**
   * Shows one of the two pictures, once it can be painted.
   * @param {"preview" | "picture"} which @param {Blob} blob @param {string} alt
   */
  async paint(which, blob, alt) {
    const img = this.parts[which];
    const url = URL.createObjectURL(blob);
    if (img.src) URL.revokeObjectURL(img.src);
    img.src = url;
    img.alt = alt;
    await img.decode();
    if (img.src !== url) return; // another file has been opened meanwhile
    img.hidden = false;
    if (which === "picture") this.parts.preview.alt = "";
  }

  get size() {
    return this.#size;
  }

  fit() {
    if (this.#size) this.#set(fit(this.#view(), this.#size, MARGIN), true);
  }

  /** @param {number} scale @param {{x: number, y: number}} [at] in the view; its middle by default */
  zoomTo(scale, at = this.#middle()) {
    if (this.#size) this.#set(zoomTo(this.#place, scale, at, this.#view(), this.#size), false);
  }

  /** @param {1 | -1} direction */
  step(direction) {
    if (!this.#size) return;
    const fitting = fitScale(this.#view(), this.#size, MARGIN);
    const scale = step(this.#place.scale, direction, fitting);
    if (scale === fitting) this.fit();
    else this.zoomTo(scale);
  }

  /** Between the whole picture and its own size. @param {{x: number, y: number}} [at] */
  toggle(at) {
    if (this.#fitted && Math.abs(this.#place.scale - 1) > 1e-3) this.zoomTo(1, at);
    else this.fit();
  }

  /** @returns {Size} */
  #view() {
    return { width: this.parts.view.clientWidth, height: this.parts.view.clientHeight };
  }

  #middle() {
    const view = this.#view();
    return { x: view.width / 2, y: view.height / 2 };
  }

  /** @param {MouseEvent} event */
  #point(event) {
    const edge = this.parts.view.getBoundingClientRect();
    return { x: event.clientX - edge.left, y: event.clientY - edge.top };
  }

  /** @param {Place} place @param {boolean} fitted @param {boolean} [asked] */
  #set(place, fitted, asked = true) {
    this.#place = place;
    this.#fitted = fitted;
    const { box, view } = this.parts;
    const size = /** @type {Size} */ (this.#size);
    // Laid out, not transformed: layout puts pictures on whole device pixels, where transforms make them soft. And
    // a layer of a picture's full size may not fit into a GPU.
    box.style.width = `${size.width * place.scale}px`;
    box.style.height = `${size.height * place.scale}px`;
    box.style.left = `${Math.round(place.x)}px`;
    box.style.top = `${Math.round(place.y)}px`;
    box.classList.toggle("sharp", place.scale >= SHARP_FROM);
    const room = this.#view();
    const larger = size.width * place.scale > room.width + 1 || size.height * place.scale > room.height + 1;
    view.classList.toggle("larger", larger);
    this.moved(place.scale, fitted, asked);
  }

  #resized() {
    if (!this.#size) return;
    const view = this.#view();
    const place = this.#fitted ? fit(view, this.#size, MARGIN) : pan(this.#place, 0, 0, view, this.#size);
    this.#set(place, this.#fitted, false);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    if (!this.#size) return;
    event.preventDefault();
    this.zoomTo(this.#place.scale * wheelFactor(event), this.#point(event));
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0 || !this.#size) return;
    this.parts.view.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#point(event));
    this.parts.view.classList.add("held");
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before || !this.#size) return;
    const now = this.#point(event);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    if (!other) {
      this.#set(pan(this.#place, now.x - before.x, now.y - before.y, this.#view(), this.#size), this.#fitted);
      return;
    }
    const apart = (/** @type {{x: number, y: number}} */ a) => Math.hypot(a.x - other.x, a.y - other.y) || 1;
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    this.#place = pan(this.#place, (now.x - before.x) / 2, (now.y - before.y) / 2, this.#view(), this.#size);
    this.zoomTo((this.#place.scale * apart(now)) / apart(before), middle);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    this.#pointers.delete(event.pointerId);
    if (this.#pointers.size === 0) this.parts.view.classList.remove("held");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const by = ARROWS.get(event.key);
    if (!by || !this.#size || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#set(pan(this.#place, by.x * KEY_PAN, by.y * KEY_PAN, this.#view(), this.#size), this.#fitted);
  }
}
