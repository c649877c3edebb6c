// Decodes the files on standard input, a JSON list of base64, by the browsers' decoder, one after the other in one
// instance: node decode.mjs FOLDER decode|preview [MAX_SIDE], FOLDER as scripts/build_decoder.py fills it. Writes for each its PNG, or
// {code, facts} of its refusal.
import { readFileSync, writeSync } from "node:fs";
import { Library } from "../../extension/decoder/library.js";
import { FormatError } from "../../extension/decoder/refusals.js";

const [folder, kind, maxSide] = process.argv.slice(2);
const module = await WebAssembly.compile(readFileSync(`${folder}/decoder.wasm`));
if (WebAssembly.Module.imports(module).length) throw new Error("the library asks for something");
const library = await Library.open(module, readFileSync(`${folder}/lite-1.weights`));
library.warm();
const outcomes = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    const png = await library[kind](Buffer.from(text, "base64"), Number(maxSide ?? 0));
    outcomes.push({ png: Buffer.from(png).toString("base64") });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    outcomes.push({ code: error.code, facts: error.facts });
  }
}
const whole = Buffer.from(JSON.stringify(outcomes));
for (let at = 0; at < whole.length; ) at += writeSync(1, whole, at);
