/** Scores in words. The table is the daemon's own, written into the page. */

import { byId } from "./dom.js";

/** @returns {{look: string, name: string, about: string}} */
export function grade(score) {
  const bands = JSON.parse(byId("grades").textContent);
  const [, look, name, about] = bands.find(([least]) => least === null || score >= least);
  return { look, name, about };
}
