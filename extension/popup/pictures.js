/**
 * A page's pictures as rows of words. Pure.
 */

import { asJpeg } from "../shared/elsewhere.js";
import { grade } from "../shared/fidelity.js";
import { nameOf } from "../shared/naming.js";
import { needs } from "../shared/needs.js";
import { explain } from "../shared/problems.js";
import { bytes, count, decimal } from "../shared/units.js";

/**
 * One picture, as the background's `page` gives it.
 * @typedef {{url: string, bytes: number, width: number, height: number, model: string, score: number | null, worst: number | null, state: "shown" | "waiting" | "failed", reason: string}} Picture
 */
/** @typedef {{url: string, name: string, facts: string, chip: string, look: string, label: string}} Row */

/** How a grade looks: red is for what failed, and a low score was its maker's choice. A mark says both without colour. */
const LOOKS = { fine: "good", good: "good", fair: "", poor: "low" };

/** @param {Picture} picture @returns {Row} */
export function row(picture) {
  const name = nameOf(picture.url);
  const size = picture.bytes ? bytes(picture.bytes) : "";
  const shape = picture.width ? `${picture.width} × ${picture.height}` : "";
  let facts = [size, shape, picture.model];
  /** @type {{chip: string, look: string, said: string}} */
  let end;
  if (picture.state === "shown" && picture.score !== null) {
    const { grade: band, name: word } = grade(picture.score);
    const look = LOOKS[band];
    const score = decimal(picture.score, 0);
    end = { chip: `${score} ${word.toLowerCase()}`, look, said: `score ${score} of 100, ${word.toLowerCase()}` };
  } else if (picture.state === "shown") {
    end = { chip: "no score", look: "", said: "no score" };
  } else {
    end = { chip: picture.state, look: picture.state === "failed" ? "poor failed" : "fair waiting", said: picture.state };
    facts = [size, needs(picture) || explain(picture.reason, "", picture.model).title];
  }
  const shown = facts.filter(Boolean).join(" · ");
  return { url: picture.url, name, facts: shown, chip: end.chip, look: end.look, label: `${name}, ${shown}, ${end.said}` };
}

/**
 * What all of them come to.
 * @param {Picture[]} pictures
 * @returns {{count: string, sum: string}}
 */
export function total(pictures) {
  if (pictures.length === 0) return { count: "No .sdz pictures on this page", sum: "" };
  const size = pictures.reduce((sum, picture) => sum + picture.bytes, 0);
  return { count: count(pictures.length, "picture"), sum: size ? `${bytes(size)}${elsewhere(pictures, size)}` : "" };
}

/**
 * What a site would have sent instead: JPEGs as close to their sources. Said where that is known of most of the bytes.
 * @param {Picture[]} pictures @param {number} size of all, bytes
 */
function elsewhere(pictures, size) {
  let [jpegs, known] = [0, 0];
  for (const { bytes: one, model, score, state } of pictures) {
    const jpeg = model === "lite-1" && state === "shown" ? asJpeg(one, score) : null;
    if (jpeg) [jpegs, known] = [jpegs + jpeg, known + one];
  }
  if (known * 2 < size) return "";
  return `; JPEGs as good: about ${bytes(Number((jpegs * (size / known)).toPrecision(2)))}`;
}

/**
 * Models that pictures wait for, those that most wait for first.
 * @param {Picture[]} pictures
 * @returns {{name: string, waiting: number}[]}
 */
export function missingModels(pictures) {
  /** @type {Map<string, number>} */
  const waiting = new Map();
  for (const { reason, model } of pictures) {
    if (reason === "model-missing" && model) waiting.set(model, (waiting.get(model) ?? 0) + 1);
  }
  return [...waiting].map(([name, n]) => ({ name, waiting: n })).sort((a, b) => b.waiting - a.waiting);
}
