/**
 * The panel of details: what was measured of the file, in plain words, and what it is.
 */

import { make } from "../shared/dom.js";
import { grade, invented, unevenness } from "../shared/fidelity.js";
import { inWords } from "../shared/scores.js";
import { bytes, decimal, savedShare } from "../shared/units.js";

/** @typedef {import("../shared/fidelity.js").Report} Report */
/** @typedef {import("../shared/scores.js").ScoreMap} ScoreMap */
/**
 * What `inspect` says of a file: docs/api.md, POST /v1/inspect.
 * @typedef {{width: number, height: number, bytes: number, bits_per_pixel: number, model: string, weights: string, alpha_bytes: number | null, exif_bytes: number | null, xmp_bytes: number | null, map_bytes?: number | null, kept?: {regions: number, share: number, bytes: number} | null, report: Report | null}} Info
 */

/** @param {[string, string][]} rows */
function list(rows) {
  const found = make("dl");
  for (const [name, value] of rows) found.append(make("dt", {}, name), make("dd", {}, value));
  return found;
}

/** @param {number} score @returns {HTMLElement} where the score lies from 0 to 100 */
function meter(score) {
  const mark = make("i");
  mark.style.left = `${Math.max(1, Math.min(99, score))}%`;
  return make("div", { className: "meter", "aria-hidden": "true" }, mark);
}

/** @param {Report} report */
function measured(report) {
  const { grade: colour, name, about } = grade(report.ssimulacra2);
  return make(
    "section",
    {},
    make("h2", {}, "How close to the source"),
    make(
      "div",
      { className: "score" },
      make("strong", { className: "figures" }, decimal(report.ssimulacra2, 0)),
      make("span", { className: "faint" }, "of 100"),
      make("span", { className: `chip ${colour}` }, name),
    ),
    meter(report.ssimulacra2),
    make("p", {}, `${about} ${unevenness(report)}`),
  );
}

/**
 * @param {Info} info
 * @param {{madeFrom?: {bytes: number, name: string} | null, notes?: string[], map?: ScoreMap | null}} [more] of a picture that was just
 *   compressed; the map that lies over it
 * @returns {HTMLElement[]} the panel's content
 */
export function describe(info, { madeFrom = null, notes = [], map = null } = {}) {
  const { report } = info;
  const sections = [];
  if (madeFrom) {
    sections.push(
      make(
        "section",
        {},
        make("h2", {}, "Just compressed"),
        list([
          ["Before", bytes(madeFrom.bytes)],
          ["Now", bytes(info.bytes)],
          ["Saved", savedShare(info.bytes, madeFrom.bytes)],
        ]),
        ...notes.map((note) => make("p", { className: "faint" }, note)),
      ),
    );
  }
  if (report) sections.push(measured(report));
  sections.push(
    make(
      "section",
      {},
      make("h2", {}, "What may have been invented"),
      make("p", {}, invented(report, info.bits_per_pixel)),
      ...(map ? [make("p", {}, `${inWords(map)} Yellow: below 70, orange: below 50, red: below 30.`)] : []),
    ),
    make(
      "section",
      {},
      make("h2", {}, "File"),
      list([
        ["Size", bytes(info.bytes)],
        ["Bits per pixel", decimal(info.bits_per_pixel, 3)],
        ["Picture", `${info.width} × ${info.height}`],
        ["Model", info.model],
        ["Kept as it was", info.kept ? `${Math.round(100 * info.kept.share)} % of it, ${bytes(info.kept.bytes)}` : "nothing"],
        ["Transparency", info.alpha_bytes ? "yes" : "no"],
        ["Camera data", info.exif_bytes || info.xmp_bytes ? "kept" : "none"],
      ]),
    ),
  );
  if (report) {
    sections.push(
      make(
        "section",
        {},
        make("h2", {}, "Measured when it was made"),
        list([
          ["SSIMULACRA2", decimal(report.ssimulacra2, 1)],
          ["Worst region", decimal(report.worst_region, 1)],
          ["PSNR", `${decimal(report.psnr, 1)} dB`],
        ]),
        make(
          "p",
          { className: "faint" },
          "By decoding the file again and comparing it with the source. Without the source it cannot be measured again.",
        ),
      ),
    );
  }
  return sections;
}
