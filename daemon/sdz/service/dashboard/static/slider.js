/** The dividing line between two pictures that lie on each other: by pointer, touch and keys. */

/**
 * Make `divider` (role slider) divide `frame`. Left of it is the original.
 * @param {HTMLElement} frame  its `--at` is set to the place, 0 to 100
 * @param {HTMLElement} divider
 * @returns {(other: string) => void}  name what is right of the line
 */
export function divide(frame, divider) {
  let at = 50;
  let name = "";

  function move(to) {
    at = Math.min(100, Math.max(0, to));
    const shown = Math.round(at);
    frame.style.setProperty("--at", String(at));
    divider.setAttribute("aria-valuenow", String(shown));
    divider.setAttribute("aria-valuetext", `${shown} % original, ${100 - shown} % ${name}`);
  }

  function follow(event) {
    const box = frame.getBoundingClientRect();
    move(((event.clientX - box.left) / box.width) * 100);
  }

  frame.addEventListener("pointerdown", (event) => {
    // A picture larger than its place is scrolled by touch; there the line is moved by its grip.
    const scrolls = frame.classList.contains("actual") && event.pointerType === "touch";
    if (divider.hidden || event.button !== 0 || (scrolls && !divider.contains(event.target))) return;
    frame.setPointerCapture(event.pointerId);
    follow(event);
  });
  frame.addEventListener("pointermove", (event) => {
    if (frame.hasPointerCapture(event.pointerId)) follow(event);
  });

  divider.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 10 : 2;
    const moves = {
      ArrowLeft: at - step,
      ArrowDown: at - step,
      ArrowRight: at + step,
      ArrowUp: at + step,
      PageDown: at - 10,
      PageUp: at + 10,
      Home: 0,
      End: 100,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    move(moves[event.key]);
  });

  move(at);
  return (other) => {
    name = other;
    move(at);
  };
}
