/** The table of results: one row for each format, and which of them is under the slider. */

import { byId, exact, h, span } from "./dom.js";

export const PEERS = ["jpeg", "webp", "avif"];

/** Names as people write them. */
export const NAMES = { sdz: ".sdz", jpeg: "JPEG", webp: "WebP", avif: "AVIF" };

/**
 * One result. `seconds`: to write the file; `url`: of a picture that the browser can show.
 * @typedef {{bytes: number, score: number, worst: number, seconds: number, url: string,
 *            fits?: boolean, about?: string}} Result
 */

/**
 * Make the rows. `choose` is called with the format that is to be under the slider.
 * @param {(kind: string) => void} choose
 */
export function makeRows(choose) {
  byId("results").replaceChildren(
    ...["sdz", ...PEERS].map((kind) => {
      const radio = h("input", {
        type: "radio",
        name: "shown",
        value: kind,
        checked: kind === "sdz",
        disabled: true,
        onchange: () => choose(kind),
      });
      const head = h("th", { scope: "row" }, h("label", {}, radio, h("span", { textContent: NAMES[kind] })));
      return h("tr", { id: `row-${kind}` }, head, ...Array.from({ length: 5 }, () => h("td")));
    }),
  );
}

/** Empty all rows; .sdz is chosen. */
export function clearRows() {
  for (const kind of ["sdz", ...PEERS]) say(kind, "");
  byId("row-sdz").querySelector("input").checked = true;
  byId("over-note").hidden = true;
}

/** A word instead of figures: that it is being made, or why there is none. */
export function say(kind, text) {
  const row = byId(`row-${kind}`);
  row.querySelector("input").disabled = true;
  const cells = [...row.querySelectorAll("td")];
  cells.forEach((cell) => cell.replaceChildren());
  const [first, ...rest] = cells;
  first.colSpan = text ? 5 : 1;
  rest.forEach((cell) => (cell.hidden = Boolean(text)));
  first.className = text ? "word" : "";
  first.textContent = text;
}

/**
 * A result's figures. Where it could not be as small as was asked for, that is said.
 * @param {string} kind
 * @param {Result} result
 * @param {number} pixels
 */
export function fill(kind, result, pixels) {
  say(kind, "");
  const row = byId(`row-${kind}`);
  row.querySelector("input").disabled = false;
  const figures = [
    exact(result.bytes),
    ((result.bytes * 8) / pixels).toFixed(2),
    number(result.score),
    number(result.worst),
    span(result.seconds),
  ];
  row.querySelectorAll("td").forEach((cell, at) => (cell.textContent = figures[at]));
  if (result.fits === false) {
    const cell = row.querySelector("td");
    cell.append(
      h("span", { className: "over", "aria-hidden": "true", textContent: "!" }),
      h("span", { className: "visually-hidden", textContent: " the smallest there is" }),
    );
    byId("over-note").hidden = false;
  }
}

/** Negative scores with a real minus. */
const number = (value) => (Number.isFinite(value) ? value.toFixed(1).replace("-", "−") : "–");
