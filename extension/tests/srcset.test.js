import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInThisContext } from "node:vm";

globalThis.sdz = /** @type {any} */ ({});
runInThisContext(readFileSync(new URL("../content/srcset.js", import.meta.url), "utf8"));

test("candidates as the standard takes them apart", () => {
  const rows = {
    "a.png": [["a.png", ""]],
    " a.png 1x , b.png 2x": [["a.png", "1x"], ["b.png", "2x"]],
    "a.png,b.png 2x": [["a.png,b.png", "2x"]],
    "a.png, b.png 100w 50h": [["a.png", ""], ["b.png", "100w 50h"]],
    "data:image/png;base64,AA== 2x,b 1x": [["data:image/png;base64,AA==", "2x"], ["b", "1x"]],
    ",, a 1x,": [["a", "1x"]],
    "": [],
  };
  for (const [text, wanted] of Object.entries(rows)) {
    const seen = globalThis.sdz.candidates(text).map(({ url, descriptor }) => [url, descriptor]);
    assert.deepEqual(seen, wanted, text);
  }
});

test("one candidate is changed, the others and the descriptors stay", () => {
  const change = (text) => globalThis.sdz.withCandidate(text, (url) => url === "b", "blob:x");
  assert.equal(change("a 1x, b 2x"), "a 1x, blob:x 2x");
  assert.equal(change("a 1x"), null);
  assert.equal(change(""), null);
});
