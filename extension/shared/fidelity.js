/**
 * A file's own report in plain words. Pure: numbers in, sentences out.
 *
 * SSIMULACRA2 runs from below 0 to 100. Its author's anchors, which the bands below follow: 90 cannot be told
 * apart side by side, 70 is high quality, 50 medium, 30 low.
 */

/** @typedef {{ssimulacra2: number, worst_region: number, psnr: number}} Report */
/** @typedef {{from: number, grade: Grade, name: string, about: string}} Band */
/** @typedef {"fine" | "good" | "fair" | "poor"} Grade */

/** @type {Band} */
const LOWEST = { from: -Infinity, grade: "poor", name: "Low", about: "The scene is kept; much of its detail is not." };
/** @type {readonly Band[]} */
const BANDS = [
  { from: 90, grade: "fine", name: "Excellent", about: "Hard to tell from the source even side by side." },
  { from: 70, grade: "fine", name: "High", about: "Differences show only side by side." },
  { from: 50, grade: "good", name: "Good", about: "Differences can be found by looking for them." },
  { from: 30, grade: "fair", name: "Fair", about: "Differences are visible: texture is smoother or other than it was." },
  LOWEST,
];

/**
 * @param {number} score SSIMULACRA2
 * @returns {{grade: Grade, name: string, about: string}}
 */
export function grade(score) {
  // The last band is open below; a score that is no number is in none.
  const band = BANDS.find(({ from }) => score >= from) ?? LOWEST;
  return { grade: band.grade, name: band.name, about: band.about };
}

/**
 * What of the picture may be the model's own idea.
 * @param {Report | null} report
 * @param {number} bitsPerPixel
 * @returns {string}
 */
export function invented(report, bitsPerPixel) {
  if (!report) {
    return "This file carries no measurement, so nothing can be said about how close it is. Fine detail may be the model's own.";
  }
  if (report.worst_region >= 85) {
    return "Very little. Every region was measured to be close to the source.";
  }
  if (report.worst_region >= 60) {
    return "Fine texture such as grass, hair and fabric may be like the source rather than the same. Small text deserves a second look.";
  }
  const little = bitsPerPixel < 0.15 ? " There is very little data for each pixel." : "";
  return `Texture, small text and small faces may look convincing and still be wrong.${little} Do not read numbers or names off this picture without checking.`;
}

/**
 * How much worse the worst region is than the whole.
 * @param {Report} report
 * @returns {string}
 */
export function unevenness(report) {
  const gap = report.ssimulacra2 - report.worst_region;
  if (gap < 5) return "About the same everywhere.";
  if (gap < 15) return "Some regions are less faithful than the rest.";
  return "At least one region is much less faithful than the rest.";
}
