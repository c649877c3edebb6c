// Decodes the files on standard input, a JSON list of base64, by the browsers' decoder, one after the other in one
// instance: node decode.mjs FOLDER decode|preview [MAX_SIDE], FOLDER as scripts/build_decoder.py fills it. Writes for each its PNG, or
// {code, facts} of its refusal. decode:3 makes the picture in 3 bands.
import { readFileSync, writeSync } from "node:fs";
import { bandOf } from "../../extension/decoder/bands.js";
import { joined } from "../../extension/decoder/joining.js";
import { Library } from "../../extension/decoder/library.js";
import { FormatError } from "../../extension/decoder/refusals.js";

const [folder, how, maxSide] = process.argv.slice(2);
const [kind, bands] = how.split(":");
const module = await WebAssembly.compile(readFileSync(`${folder}/decoder.wasm`));
if (WebAssembly.Module.imports(module).length) throw new Error("the library asks for something");
const library = await Library.open(module, readFileSync(`${folder}/lite-1.weights`));
library.warm();
/** @param {Buffer} data @param {number} side */
async function made(data, side) {
  if (!bands) return library[kind](data, side);
  const [count, pieces] = [Number(bands), []];
  for (let index = 0; index < count; index += 1) pieces.push(await bandOf(library, data, side, { index, count }));
  return joined(pieces);
}

const outcomes = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    const png = await made(Buffer.from(text, "base64"), Number(maxSide ?? 0));
    outcomes.push({ png: Buffer.from(png).toString("base64") });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    outcomes.push({ code: error.code, facts: error.facts });
  }
}
const whole = Buffer.from(JSON.stringify(outcomes));
for (let at = 0; at < whole.length; ) at += writeSync(1, whole, at);
