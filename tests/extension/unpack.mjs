// Unpacks the files on standard input, a JSON list of base64, by extension/decoder/container.js, and writes what came of
// each: {code, facts} of a refusal, or the parts.
import { readFileSync, writeSync } from "node:fs";
import { unpack } from "../../extension/decoder/container.js";
import { FormatError } from "../../extension/decoder/refusals.js";

const files = JSON.parse(readFileSync(0, "utf8"));
const outcomes = files.map((/** @type {string} */ text) => {
  try {
    const { header, streams, alpha, kept } = unpack(Buffer.from(text, "base64"));
    const { channelSteps, model, ...fields } = header;
    const steps = channelSteps && [...channelSteps];
    const parts = streams.map(({ check, data }) => [check, data.length]);
    return {
      ...{ ...fields, model: model.name, channelSteps: steps, parts },
      alpha: alpha && [alpha.levels, alpha.check, alpha.data.length],
      kept: kept && kept.regions.map(({ left, width, data }) => [left, width, data.length]),
    };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { code: error.code, facts: error.facts };
  }
});
writeSync(1, JSON.stringify(outcomes));
