/**
 * Workers, as many as there are cores: each is started when there is work for it, held to time and memory, ended when it
 * has had too much of either, and when nobody has asked for anything for a while all of them are.
 */

import { bandsOf } from "./bands.js";
import { peek } from "./container.js";
import { bytesOf, checkCosts, KEPT_BYTES, millisecondsOf, MOST_BYTES } from "./costs.js";
import { joined } from "./joining.js";
import { FormatError } from "./refusals.js";

/** @typedef {import("./worker.js").Said} Said */
/** @typedef {{wasm: ArrayBuffer, weights: ArrayBuffer}} Assets */
/** @typedef {Pick<Worker, "postMessage" | "terminate"> & {onmessage: ((event: any) => void) | null, onerror: ((event: any) => void) | null}} Thread */
/**
 * @typedef {object} Job
 * @property {"decode" | "preview"} kind
 * @property {Uint8Array} data
 * @property {number} maxSide of its picture's longer side; 0: as it is
 * @property {number} bytes of memory that it takes at most
 * @property {number} ms that it takes at most
 * @property {import("./bands.js").Band} [band]
 * @property {(piece: import("./bands.js").Piece) => void} done
 * @property {(error: unknown) => void} failed
 */

const START_MS = 30_000;
const IDLE_MS = 30_000;
const GIVEN_UP = 3; // times that a worker could not be started, in a row

export class Pool {
  /**
   * @param {object} means
   * @param {() => Thread} means.spawn a worker that serves as worker.js does
   * @param {() => Promise<Assets>} means.assets what it decodes with
   * @param {number} means.most workers at once
   * @param {() => void} [means.idle] called when the last worker was ended for want of work
   */
  constructor({ spawn, assets, most, idle = () => {} }) {
    this.means = { spawn, assets, most, idle };
    /** @type {Job[]} */
    this.waiting = [];
    /** Workers that are up, with their job. @type {Map<Thread, Job | null>} */
    this.up = new Map();
    this.starting = 0;
    this.failures = 0;
    /** @type {Promise<Assets> | undefined} */
    this.loaded = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.resting = undefined;
  }

  /**
   * The picture of a file, or its preview, as PNG. Previews come before pictures, otherwise first come first.
   * @param {"decode" | "preview"} kind @param {Uint8Array} data @param {number} [maxSide] of its longer side; 0: as it is
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   * @throws {FormatError}
   */
  async run(kind, data, maxSide = 0) {
    const header = peek(data);
    checkCosts(header);
    const bands = kind === "decode" ? this.bandsOf(header, maxSide) : 1;
    const cost = { bytes: bytesOf(header, bands), ms: millisecondsOf(header, data.length) };
    /** @param {import("./bands.js").Band} [band] @returns {Promise<import("./bands.js").Piece>} */
    const made = (band) => new Promise((done, failed) => this.queue({ kind, data, maxSide, band, ...cost, done, failed }));
    if (bands === 1) return (await made()).png;
    return joined(await Promise.all(Array.from({ length: bands }, (_, index) => made({ index, count: bands }))));
  }

  /**
   * How many workers make a picture: of a large one all that have nothing else to do.
   * @param {import("./header.js").Header} header @param {number} maxSide
   */
  bandsOf(header, maxSide) {
    const busy = [...this.up.values()].filter((job) => job?.kind === "decode").length + this.waiting.length;
    return bandsOf(header, maxSide, this.means.most - busy);
  }

  /** @param {Job} job */
  queue(job) {
    const before = job.kind === "preview" ? this.waiting.findIndex((other) => other.kind !== "preview") : -1;
    this.waiting.splice(before < 0 ? this.waiting.length : before, 0, job);
    this.next();
  }

  /** Start workers, so that they are ready for what is about to come. @param {number} [count] */
  warm(count = this.means.most) {
    while (this.up.size + this.starting < Math.min(count, this.means.most)) void this.start();
    this.rest();
  }

  /** End all; what waits fails. */
  close() {
    for (const thread of this.up.keys()) thread.terminate();
    const left = [...this.waiting, ...this.up.values()].filter((job) => job !== null);
    this.waiting = [];
    this.up.clear();
    clearTimeout(this.resting);
    for (const job of left) job.failed(new FormatError("too-costly", "the decoder was ended"));
  }

  /** Give out what there is memory for. */
  next() {
    this.rest();
    const running = () => [...this.up.values()].reduce((sum, job) => sum + (job?.bytes ?? 0), 0);
    for (const [thread, busy] of this.up) {
      const [job] = this.waiting;
      if (!job) return;
      if (busy) continue;
      const held = running();
      if (held && held + job.bytes > MOST_BYTES) return; // alone it may, when the others are done
      this.waiting.shift();
      this.give(thread, job);
    }
    if (this.up.size && this.failures >= GIVEN_UP) return; // those that are up go on alone
    const wanted = Math.min(this.waiting.length, this.means.most - this.up.size) - this.starting;
    for (let index = 0; index < wanted; index += 1) void this.start();
  }

  /** @param {Thread} thread @param {Job} job */
  give(thread, job) {
    this.up.set(thread, job);
    const timer = setTimeout(() => {
      end(new FormatError("too-costly", "it takes more time than a picture of its size and bytes may"));
    }, job.ms);
    /** @param {unknown} [error] @param {boolean} [gone] */
    const end = (error, gone = true) => {
      clearTimeout(timer);
      if (!this.up.has(thread)) return;
      if (gone) this.drop(thread);
      else this.up.set(thread, null);
      if (error) job.failed(error);
      this.next();
    };
    thread.onmessage = (/** @type {{data: Said}} */ { data: { png, sum = 0, bytes = 0, wrong, held = 0, broken } }) => {
      if (png) {
        this.failures = 0;
        job.done({ png, sum, bytes });
      }
      end(wrong && new FormatError(wrong.code, wrong.message, /** @type {any} */ (wrong.facts)), broken || held > KEPT_BYTES);
    };
    thread.onerror = () => end(new FormatError("unreadable-image", "the decoder stopped at this picture"));
    thread.postMessage({ kind: job.kind, data: job.data, maxSide: job.maxSide, band: job.band });
  }

  /** One more worker. */
  async start() {
    this.starting += 1;
    try {
      const thread = await this.opened(await (this.loaded ??= this.means.assets()));
      this.up.set(thread, null);
    } catch (error) {
      this.loaded = undefined;
      this.failures += 1;
      if (this.failures >= GIVEN_UP && !this.up.size) {
        this.failures = 0;
        for (const job of this.waiting.splice(0)) job.failed(error);
      }
    }
    this.starting -= 1;
    this.next();
  }

  /** @param {Assets} assets @returns {Promise<Thread>} a worker that has said that it is ready */
  opened(assets) {
    return new Promise((resolve, reject) => {
      const thread = this.means.spawn();
      const fail = () => {
        clearTimeout(timer);
        thread.terminate();
        reject(new FormatError("out-of-memory", "no decoder could be started"));
      };
      const timer = setTimeout(fail, START_MS);
      thread.onerror = fail;
      thread.onmessage = (/** @type {{data: Said}} */ { data }) => {
        if (!data.ready) return fail();
        clearTimeout(timer);
        resolve(thread);
      };
      thread.postMessage({ ...assets, warm: !this.waiting.length }); // what waits warms it as well, and is there sooner
    });
  }

  /** @param {Thread} thread */
  drop(thread) {
    thread.terminate();
    this.up.delete(thread);
  }

  /** When nothing has been asked for a while, all are ended. */
  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      if (this.waiting.length || this.starting || [...this.up.values()].some(Boolean)) return this.rest();
      for (const thread of [...this.up.keys()]) this.drop(thread);
      this.loaded = undefined;
      this.means.idle();
    }, IDLE_MS);
  }
}
