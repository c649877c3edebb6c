import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mock, test } from "node:test";
import { bytesOf, checkCosts, KEPT_BYTES, millisecondsOf, MOST_BYTES } from "../decoder/costs.js";
import { peek } from "../decoder/container.js";
import { crc32, Cursor } from "../decoder/cursor.js";
import { Pool } from "../decoder/pool.js";

const FILE = readFileSync(new URL("../../tests/golden/lite-1.sdz", import.meta.url));
const PNG = Uint8Array.of(1, 2, 3);

/** A file that says to be so large. @param {number} width @param {number} height */
function ofSize(width, height) {
  const cursor = new Cursor(FILE);
  cursor.take(9, "signature and kind");
  const payload = new Cursor(cursor.take(cursor.varint("length"), "H"));
  const start = payload.take(2, "version and flags");
  payload.varint("width");
  payload.varint("height");
  const sides = [width, height].flatMap((side) => [0x80 | (side & 0x7f), side >> 7]);
  const made = [...start, ...sides, ...payload.rest()];
  const chunk = Uint8Array.of(0x48, made.length, ...made);
  const check = crc32(chunk);
  const sum = [0, 8, 16, 24].map((shift) => (check >>> shift) & 0xff);
  cursor.take(4, "checksum");
  return Uint8Array.of(...FILE.subarray(0, 8), ...chunk, ...sum, ...cursor.rest());
}

/** A worker that does what the test says, when it says. */
class Thread {
  constructor() {
    /** @type {any[]} */
    this.asked = [];
    this.ended = false;
    /** @type {((event: any) => void) | null} */
    this.onmessage = null;
    /** @type {((event: any) => void) | null} */
    this.onerror = null;
  }

  /** @param {any} message */
  postMessage(message) {
    if ("wasm" in message) queueMicrotask(() => this.say({ ready: true }));
    else this.asked.push(message);
  }

  /** @param {object} data */
  say(data) {
    this.onmessage?.({ data });
  }

  terminate() {
    this.ended = true;
  }
}

/** @param {{most?: number, fails?: () => boolean}} [how] */
function pooled({ most = 2, fails = () => false } = {}) {
  /** @type {Thread[]} */
  const threads = [];
  let idled = 0;
  const assets = async () => ({ wasm: new ArrayBuffer(0), weights: new ArrayBuffer(0) });
  const spawn = () => {
    const thread = new Thread();
    if (fails()) thread.postMessage = () => queueMicrotask(() => thread.onerror?.({}));
    threads.push(thread);
    return thread;
  };
  const pool = new Pool({ spawn, assets, most, idle: () => (idled += 1) });
  return { pool, threads, idled: () => idled };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** @param {Thread | undefined} thread @param {object} [also] */
const finish = (thread, also = {}) => thread?.say({ png: PNG, held: 1000, ...also });

test("as many workers as there are cores, and each does one picture at a time", async () => {
  const { pool, threads } = pooled();
  const runs = [1, 2, 3].map(() => pool.run("decode", FILE));
  await settled();
  assert.equal(threads.length, 2);
  assert.deepEqual(threads.map(({ asked }) => asked.length), [1, 1]);
  finish(threads[1]);
  await settled();
  assert.deepEqual(threads.map(({ asked }) => asked.length), [1, 2]);
  finish(threads[0]);
  finish(threads[1]);
  assert.deepEqual(await Promise.all(runs), [PNG, PNG, PNG]);
  pool.close();
});

test("a worker is told how large a picture is wanted", async () => {
  const { pool, threads } = pooled({ most: 1 });
  const run = pool.run("decode", FILE, 300);
  await settled();
  assert.equal(threads[0]?.asked[0].maxSide, 300);
  finish(threads[0]);
  await run;
  pool.close();
});

test("a large picture is made by all workers that are free, and joined", async () => {
  const { pool, threads } = pooled();
  const large = ofSize(2048, 1536);
  const run = pool.run("decode", large, 0);
  await settled();
  assert.deepEqual(threads.map(({ asked }) => asked[0].band), [{ index: 0, count: 2 }, { index: 1, count: 2 }]);
  threads[1]?.say({ png: Uint8Array.of(7, 8), sum: 3, bytes: 1, held: 1 });
  finish(threads[0]);
  const whole = await run;
  assert.deepEqual([...whole.subarray(0, 5)], [1, 2, 3, 7, 8]);
  const second = pool.run("decode", FILE);
  const third = pool.run("decode", large);
  await settled();
  assert.deepEqual(threads.map(({ asked }) => asked[1]?.band), [undefined, undefined]); // one of them had work
  threads.forEach((thread) => finish(thread));
  await Promise.all([second, third]);
  pool.close();
});

test("a large picture of which one band fails, fails once", async () => {
  const { pool, threads } = pooled();
  const run = pool.run("decode", ofSize(2048, 1536));
  await settled();
  threads[0]?.say({ wrong: { code: "bad-symbols", message: "damaged", facts: {} }, held: 1 });
  await assert.rejects(run, { code: "bad-symbols" });
  finish(threads[1]);
  const next = pool.run("decode", FILE);
  await settled();
  finish(threads[0]);
  assert.deepEqual(await next, PNG);
  pool.close();
});

test("previews come before pictures, in their order", async () => {
  const { pool, threads } = pooled({ most: 1 });
  for (const kind of /** @type {const} */ (["decode", "decode", "preview", "preview"])) void pool.run(kind, FILE).catch(() => {});
  await settled();
  for (let step = 0; step < 4; step += 1) finish(threads[0]);
  assert.deepEqual(threads[0]?.asked.map(({ kind }) => kind), ["preview", "preview", "decode", "decode"]);
  pool.close();
});

test("a worker that never ends is ended, another takes its place, and the next picture is made", async () => {
  const { pool, threads } = pooled({ most: 1 });
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const endless = assert.rejects(pool.run("decode", FILE), { code: "too-costly" });
    await settled();
    const ms = millisecondsOf(peek(FILE), FILE.length);
    mock.timers.tick(ms - 1);
    assert.equal(threads[0]?.ended, false);
    mock.timers.tick(1);
    await endless;
    assert.equal(threads[0]?.ended, true);
    const next = pool.run("decode", FILE);
    await settled();
    finish(threads[1]);
    assert.equal(await next, PNG);
  } finally {
    mock.timers.reset();
    pool.close();
  }
});

test("a file that is refused leaves its worker alive; one that breaks it does not", async () => {
  const { pool, threads } = pooled({ most: 1 });
  const wrong = { code: "bad-symbols", message: "", facts: { what: "the latents" } };
  const refused = pool.run("decode", FILE);
  await settled();
  threads[0]?.say({ wrong, held: 1000 });
  await assert.rejects(refused, { code: "bad-symbols", facts: { what: "the latents" } });
  assert.equal(threads[0]?.ended, false);
  const broken = pool.run("decode", FILE);
  await settled();
  threads[0]?.say({ wrong: { code: "unreadable-image", message: "", facts: {} }, broken: true });
  await assert.rejects(broken, { code: "unreadable-image" });
  assert.equal(threads[0]?.ended, true);
  const crashed = pool.run("decode", FILE);
  await settled();
  threads[1]?.onerror?.({});
  await assert.rejects(crashed, { code: "unreadable-image" });
  assert.equal(threads[1]?.ended, true);
  pool.close();
});

test("what has had a large picture is ended: its memory would never shrink", async () => {
  const { pool, threads } = pooled({ most: 1 });
  const run = pool.run("decode", FILE);
  await settled();
  finish(threads[0], { held: KEPT_BYTES + 1 });
  await run;
  assert.equal(threads[0]?.ended, true);
  pool.close();
});

test("pictures that would take too much memory together are made one after the other", async () => {
  const { pool, threads } = pooled({ most: 2 });
  const large = { ...peek(FILE), width: 5000, height: 5000 };
  assert.ok(2 * bytesOf(large) > MOST_BYTES && bytesOf(large) <= MOST_BYTES);
  const runs = [pool.run("decode", FILE), pool.run("decode", FILE)];
  for (const job of pool.waiting) job.bytes = bytesOf(large);
  await settled();
  const busy = threads.filter(({ asked }) => asked.length);
  assert.equal(busy.length, 1);
  finish(busy[0]);
  await settled();
  for (const thread of threads) if (thread.asked.length && thread !== busy[0]) finish(thread);
  finish(busy[0]);
  await Promise.all(runs);
  pool.close();
});

test("what is too large is refused by its header", () => {
  const header = peek(FILE);
  assert.doesNotThrow(() => checkCosts({ ...header, width: 4000, height: 3000 }));
  assert.throws(() => checkCosts({ ...header, width: 65535, height: 4096 }), { code: "limit-exceeded" });
  const detailed = { ...header.model, channels: 1024 };
  assert.throws(() => checkCosts({ ...header, width: 5700, height: 5700, model: detailed }), { code: "limit-exceeded" });
});

test("all are ended when nobody has asked for a while", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { pool, threads, idled } = pooled({ most: 1 });
  try {
    const run = pool.run("decode", FILE);
    await settled();
    mock.timers.tick(0);
    finish(threads[0]);
    await run;
    assert.equal(idled(), 0);
    mock.timers.tick(60_000);
    assert.equal(idled(), 1);
    assert.equal(threads[0]?.ended, true);
    const again = pool.run("decode", FILE);
    await settled();
    finish(threads[1]);
    assert.equal(await again, PNG);
  } finally {
    mock.timers.reset();
    pool.close();
  }
});

test("where no worker can be started, what waits fails, and later ones are tried anew", async () => {
  let failing = true;
  const { pool, threads } = pooled({ most: 1, fails: () => failing });
  await assert.rejects(pool.run("decode", FILE), { code: "out-of-memory" });
  failing = false;
  const run = pool.run("decode", FILE);
  await settled();
  finish(threads.at(-1));
  assert.equal(await run, PNG);
  pool.close();
});
