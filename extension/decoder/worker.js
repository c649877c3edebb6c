/**
 * A worker with a library of its own: told once what to decode with, then asked for one picture after the other.
 *
 * Asked `{wasm, weights, warm}`, it says `{ready: true}`; asked `{kind, data, maxSide, band}`, it says `{png, held}` (of a band: a piece, with its sum) or `{wrong, held}`: `held` are
 * the bytes of memory that it has, `broken` that it should be asked no more.
 */

import { bandOf } from "./bands.js";
import { Library } from "./library.js";
import { FormatError } from "./refusals.js";

/** @typedef {{code: string, message: string, facts: Record<string, unknown>}} Wrong */
/** @typedef {{wasm: ArrayBuffer, weights: ArrayBuffer, warm: boolean} | {kind: "decode" | "preview", data: Uint8Array, maxSide?: number, band?: import("./bands.js").Band}} Asked */
/** @typedef {{ready?: true, png?: Uint8Array<ArrayBuffer>, sum?: number, bytes?: number, wrong?: Wrong, held?: number, broken?: boolean}} Said */

/** @type {Library | undefined} */
let library;

/** @param {Said} answer @param {Transferable[]} [given] */
const say = (answer, given = []) => postMessage(answer, { transfer: given });

/** Listen from now on. */
export function serve() {
  addEventListener("message", async (/** @type {MessageEvent<Asked>} */ { data: asked }) => {
    try {
      if ("wasm" in asked) {
        library = await Library.open(await WebAssembly.compile(asked.wasm), new Uint8Array(asked.weights));
        if (asked.warm) library.warm();
        say({ ready: true });
      } else if (library) {
        const { data, maxSide = 0, band } = asked;
        const piece = band ? await bandOf(library, data, maxSide, band) : { png: await library[asked.kind](data, maxSide) };
        say({ ...piece, held: library.bytes }, [piece.png.buffer]);
      }
    } catch (error) {
      const known = error instanceof FormatError;
      const { code, message, facts } = known ? error : { code: "unreadable-image", message: String(error), facts: {} };
      // Whatever else is thrown leaves the library in a state that nobody knows.
      say({ wrong: { code, message, facts }, held: library?.bytes ?? 0, broken: !known });
    }
  });
}
