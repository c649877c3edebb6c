import assert from "node:assert/strict";
import { test } from "node:test";

import { Wishes } from "../background/wishes.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Things that are made when they are told to be. */
function workshop(most = 2) {
  /** @type {string[]} */
  const begun = [];
  /** @type {Map<string, (made: string) => void>} */
  const finish = new Map();
  /** @type {Wishes<string>} */
  const wishes = new Wishes(most);
  /** @param {string} name @param {unknown} [who] @param {boolean} [canWait] */
  const want = (name, who = "page", canWait = false) =>
    wishes.want(name, who, canWait, (signal) => {
      begun.push(name);
      return new Promise((resolve, reject) => {
        finish.set(name, resolve);
        signal.addEventListener("abort", () => reject(new Error("stopped")));
      });
    });
  return { begun, finish, wishes, want };
}

test("what several want is made once", async () => {
  const { begun, finish, want } = workshop();
  const both = Promise.all([want("a", 1), want("a", 2)]);
  await turn();
  finish.get("a")?.("A");
  assert.deepEqual(await both, ["A", "A"]);
  assert.deepEqual(begun, ["a"]);
  void want("a", 1);
  await turn();
  assert.deepEqual(begun, ["a", "a"]);
});

test("what can wait comes after all that cannot, and never takes all places", async () => {
  const { begun, finish, want } = workshop(2);
  for (const name of ["far1", "far2", "far3"]) void want(name, "page", true);
  await turn();
  assert.deepEqual(begun, ["far1"]);
  for (const name of ["near1", "near2"]) void want(name);
  await turn();
  assert.deepEqual(begun, ["far1", "near1"]);
  finish.get("far1")?.("");
  await turn();
  assert.deepEqual(begun, ["far1", "near1", "near2"]);
  finish.get("near1")?.("");
  finish.get("near2")?.("");
  await turn();
  assert.deepEqual(begun, ["far1", "near1", "near2", "far2"]);
});

test("somebody who cannot wait takes others along", async () => {
  const { begun, want } = workshop(2);
  for (const name of ["far1", "far2"]) void want(name, "page", true);
  await turn();
  void want("far2", "another page", false);
  await turn();
  assert.deepEqual(begun, ["far1", "far2"]);
});

test("it is given up when the last who wanted it drops it", async () => {
  const { begun, finish, wishes, want } = workshop(1);
  const first = want("a", 1);
  const second = want("a", 2);
  const waiting = want("b", 1);
  await turn();
  wishes.drop("a", 1);
  wishes.drop("a", "nobody");
  finish.get("a")?.("A");
  assert.deepEqual(await Promise.all([first, second]), ["A", "A"]);
  await turn();
  wishes.drop("b", 1);
  await assert.rejects(waiting, /stopped/);
  assert.deepEqual(begun, ["a", "b"]);
});

test("what is dropped before it has begun never begins", async () => {
  const { begun, finish, wishes, want } = workshop(1);
  void want("a");
  const waiting = want("b");
  await turn();
  wishes.drop("b", "page");
  finish.get("a")?.("");
  await assert.rejects(waiting, { code: "dropped" });
  assert.deepEqual(begun, ["a"]);
});

test("who wants it while it is being given up gets it anew", async () => {
  const { begun, finish, wishes, want } = workshop();
  const first = want("a", 1);
  await turn();
  wishes.drop("a", 1);
  const again = want("a", 1);
  await assert.rejects(first, /stopped/);
  await turn();
  finish.get("a")?.("A");
  assert.equal(await again, "A");
  assert.deepEqual(begun, ["a", "a"]);
});

test("whether many have been begun is known until none is left", async () => {
  const wishes = new Wishes(1, 2);
  /** @type {(() => void)[]} */
  const ends = [];
  const make = () => new Promise((/** @type {(value: void) => void} */ end) => ends.push(end));
  const all = ["a", "b", "c", "a"].map((name, who) => wishes.want(name, who, false, make));
  for (const many of [false, false, true]) {
    await turn();
    assert.equal(wishes.areMany, many);
    ends.shift()?.();
  }
  await Promise.all(all);
  assert.equal(wishes.areMany, false);
  void wishes.want("d", "page", false, make);
  await turn();
  assert.equal(wishes.areMany, false);
});
