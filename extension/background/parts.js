/** Several files in one body, and several answers as they come: length before bytes (docs/api.md, "Previews"). Pure. */

const LENGTH_BYTES = 4;
const HEAD_BYTES = 8;

/** The body of a request. @param {Uint8Array[]} files */
export function listOf(files) {
  const whole = new Uint8Array(files.reduce((bytes, { length }) => bytes + LENGTH_BYTES + length, 0));
  const view = new DataView(whole.buffer);
  let at = 0;
  for (const data of files) {
    view.setUint32(at, data.length);
    whole.set(data, at + LENGTH_BYTES);
    at += LENGTH_BYTES + data.length;
  }
  return whole;
}

/** The parts of an answer, of which any piece may come at any time. */
export class Parts {
  /** @param {(number: number, bytes: Uint8Array<ArrayBuffer>) => void} hear told each part when it is whole */
  constructor(hear) {
    this.hear = hear;
    this.rest = new Uint8Array(0);
  }

  /** @param {Uint8Array} piece */
  push(piece) {
    const joined = new Uint8Array(this.rest.length + piece.length);
    joined.set(this.rest);
    joined.set(piece, this.rest.length);
    let at = 0;
    while (joined.length - at >= HEAD_BYTES) {
      const head = new DataView(joined.buffer, at);
      const end = at + HEAD_BYTES + head.getUint32(4);
      if (end > joined.length) break;
      this.hear(head.getUint32(0), joined.slice(at + HEAD_BYTES, end));
      at = end;
    }
    this.rest = joined.slice(at);
  }
}
