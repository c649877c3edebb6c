import assert from "node:assert/strict";
import { test } from "node:test";
import { LOOPBACK, mayFetch, mostPublic, PRIVATE, PUBLIC, space } from "../background/addresses.js";

const rows = {
  [LOOPBACK]: [
    "http://127.0.0.1/", "http://127.9.9.9:1/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/",
    "http://0/", "http://localhost/", "http://LOCALHOST./", "http://a.localhost/", "http://[::1]/", "http://[::]/",
    "http://[::ffff:127.0.0.1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
    "http://user:word@127.0.0.1/", "http://[::ffff:0:127.0.0.1]/", "http://localhost.localdomain/",
    "http://[fe80::5efe:127.0.0.1]/", "http://[2001:0:102:304::80ff:fffe]/",
  ],
  [PRIVATE]: [
    "http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/", "http://169.254.169.254/",
    "http://100.64.0.1/", "http://198.19.0.1/", "http://239.0.0.1/", "http://255.255.255.255/", "http://[fd00::1]/",
    "http://[fe80::1]/", "http://[ff02::1]/", "http://[::ffff:10.0.0.1]/", "http://nas.local/", "http://nas/",
    "http://printer.lan./", "http://x.home.arpa/",
    "http://[::ffff:0:10.0.0.1]/", "http://[2001::1]/", "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "http://[2606:4700::5efe:8.8.8.8]/", "http://[2606:4700::200:5efe:10.0.0.1]/", "http://nas.localdomain/",
    "http://api.default.svc/", "http://fritz.box/", "http://nas.FRITZ.box./", "http://home.arpa/",
  ],
  [PUBLIC]: [
    "https://example.com/", "http://8.8.8.8/", "http://172.32.0.1/", "http://100.128.0.1/", "http://11.0.0.1/",
    "http://[2606:4700::1]/", "http://[::ffff:8.8.8.8]/", "http://local.example/", "http://[::ffff:0:8.8.8.8]/", "http://[2001:db8::1]/", "http://[2001:1::1]/",
    "http://afritz.box/", "http://svc.example/", "http://localhost.example/", "http://127.0.0.1.example.com/",
  ],
};

for (const [wanted, addresses] of Object.entries(rows)) {
  for (const address of addresses) {
    test(`${address} is ${["public", "private", "loopback"][wanted]}`, () => {
      assert.equal(space(address), Number(wanted));
    });
  }
}

test("files of the disk are for pages of the disk", () => {
  assert.equal(mayFetch("file:///home/me/page.html", "file:///home/me/a.sdz"), true);
  for (const page of ["https://example.com", "http://localhost", "null", "", "chrome-extension://own"]) {
    assert.equal(mayFetch(page, "FILE:///home/me/a.sdz"), false, page);
  }
  assert.equal(mayFetch("file:///home/me/page.html", "http://127.0.0.1/"), false);
});

test("of several pages the most public one decides", () => {
  assert.equal(mostPublic(["http://localhost", "https://example.com", "http://10.0.0.1"]), "https://example.com");
  assert.equal(mostPublic(["http://localhost", "null"]), "null");
  assert.equal(mostPublic([]), "");
});

test("what is no web address has no space", () => {
  for (const address of ["file:///etc/passwd", "data:,x", "blob:http://a/b", "nonsense", ""]) {
    assert.equal(space(address), null, address);
  }
});

test("a page fetches nothing that is more private than itself", () => {
  const pages = ["https://example.com", "http://192.168.1.2", "http://localhost:3000"];
  const targets = ["https://cdn.example.com/a", "http://10.0.0.1/a", "http://127.0.0.1/a"];
  const seen = pages.map((page) => targets.map((target) => mayFetch(page, target)));
  assert.deepEqual(seen, [[true, false, false], [true, true, false], [true, true, true]]);
  assert.equal(mayFetch("null", "http://10.0.0.1/"), false);
  assert.equal(mayFetch("null", "http://example.com/"), true);
});
