// Decodes the case on standard input (driver.c says how it is written) with the library as WebAssembly and
// writes pixels and latents to standard output: node run_wasm.mjs network.wasm VARIANT
import { readFileSync, writeSync } from "node:fs";

const [path, variant] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(path), {});
const net = instance.exports;
const input = readFileSync(0);

let top = (net.__heap_base.value + 63) & ~63;
function reserve(bytes) {
  const at = top;
  top = (top + bytes + 63) & ~63;
  const missing = top - net.memory.buffer.byteLength;
  if (missing > 0) net.memory.grow(Math.ceil(missing / 65536));
  return at;
}

let read = 0;
function take(bytes) {
  const at = reserve(bytes);
  new Uint8Array(net.memory.buffer, at, bytes).set(input.subarray(read, read + bytes));
  read += bytes;
  return at;
}

function finish(room) {
  const never = reserve(4);
  if (net.sdz_network_work(room, never) !== 1) throw new Error("not finished");
}

const output = [];
function give(at, bytes) {
  output.push(Buffer.from(net.memory.buffer.slice(at, at + bytes)));
}

const header = take(80);
const head = new Int32Array(net.memory.buffer.slice(header, header + 80));
const [h, w, height, width] = head.subarray(12, 16);
const shapes = [header, header + 24];
const packed = shapes.map((shape, index) => {
  const weights = take(2 * head[16 + 2 * index]);
  const numbers = take(4 * head[17 + 2 * index]);
  const at = reserve(net.sdz_network_packed(shape));
  net.sdz_network_pack(shape, weights, numbers, at);
  return at;
});
const channels = head[1];
const multiplier = take(4 * channels);
const shift = take(4 * channels);
const symbols = take(2 * channels * h * w);

let room = reserve(net.sdz_network_room(shapes[0], h, w));
const pixels = reserve(3 * height * width);
if (net.sdz_network_decode(room, shapes[0], packed[0], Number(variant), symbols, h * w, multiplier, shift,
  h, w, pixels, height, width, 0)) throw new Error(`no variant ${variant}`);
finish(room);
give(pixels, 3 * height * width);
room = reserve(net.sdz_network_room(shapes[1], h, w));
const latents = reserve(2 * channels * h * w);
net.sdz_network_encode(room, shapes[1], packed[1], Number(variant), pixels, height, width, latents);
finish(room);
give(latents, 2 * channels * h * w);
writeSync(1, Buffer.concat(output));
