/** The picture's place: as large as fits, in its own pixels, or zoomed by wheel and by two fingers. */

import { byId } from "./dom.js";

const MOST = 16;
let zoom = 1;

/** Have the stage zoom. */
export function startStage() {
  const stage = byId("stage");
  byId("scale").addEventListener("click", toggleScale);
  stage.addEventListener("wheel", (event) => {
    const to = clamped(zoom * 2 ** (-event.deltaY / (event.ctrlKey ? 100 : 400)));
    if (to === zoom) return; // at its ends the wheel scrolls the page
    event.preventDefault();
    zoomTo(to, event.clientX, event.clientY);
  }, { passive: false });
  pinch(stage);
  stage.addEventListener("keydown", (event) => {
    const times = { "+": 1.25, "=": 1.25, "-": 0.8, 0: 1 / zoom }[event.key];
    if (!times || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    zoomTo(clamped(zoom * times), box.left + box.width / 2, box.top + box.height / 2);
  });
}

/** As large as fits again. */
export function resetStage() {
  if (byId("frame").classList.contains("actual")) toggleScale();
  zoomTo(1, 0, 0);
}

function pinch(stage) {
  let apart = 0;
  const spread = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  stage.addEventListener("touchstart", ({ touches }) => {
    apart = touches.length === 2 ? spread(touches) : 0;
  });
  stage.addEventListener("touchmove", (event) => {
    const { touches } = event;
    if (touches.length !== 2 || !apart) return;
    event.preventDefault();
    const [a, b] = touches;
    const now = spread(touches);
    zoomTo(clamped((zoom * now) / apart), (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
    apart = now;
  }, { passive: false });
}

const clamped = (value) => Math.min(MOST, Math.max(1, value));

/** Zoom, with what is under (x, y) staying there. */
function zoomTo(to, x, y) {
  const [stage, frame] = ["stage", "frame"].map(byId);
  const before = frame.getBoundingClientRect();
  const [across, down] = [(x - before.left) / (before.width || 1), (y - before.top) / (before.height || 1)];
  zoom = to;
  frame.style.setProperty("--zoom", String(zoom));
  frame.classList.toggle("zoomed", zoom > 1);
  const after = frame.getBoundingClientRect();
  stage.scrollLeft += after.left + across * after.width - x;
  stage.scrollTop += after.top + down * after.height - y;
}

function toggleScale() {
  zoomTo(1, 0, 0);
  const actual = byId("frame").classList.toggle("actual");
  byId("frame").style.setProperty("--density", String(devicePixelRatio || 1));
  byId("scale").setAttribute("aria-pressed", String(actual));
  // What is compared is where the line is.
  const [stage, frame, divider] = ["stage", "frame", "divider"].map(byId);
  stage.scrollLeft = (frame.clientWidth * divider.getAttribute("aria-valuenow")) / 100 - stage.clientWidth / 2;
  stage.scrollTop = (frame.clientHeight - stage.clientHeight) / 2;
}
