/**
 * Firefox at the end of a pipe: one JSON command a line in, one JSON answer a line out.
 *
 * {"do": "start", "extension": folder, "profile": folder, "prefs": {...}} and then goto, evaluate,
 * screenshot, pages, close, stop. Playwright's Firefox is a build of its own; this is the system's.
 */

import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { join } from "node:path";

const modules = process.argv[2] ?? ".";
const require = createRequire(join(modules, "extension", "package.json"));
const puppeteer = require("puppeteer-core");

let browser;
const pages = new Map();

const acts = {
  async start({ executable, extension, profile, prefs, args }) {
    browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: executable,
      headless: true,
      userDataDir: profile,
      args,
      extraPrefsFirefox: prefs,
      protocolTimeout: 120_000,
      timeout: 120_000,
    });
    return extension ? browser.installExtension(extension) : null;
  },
  async open({ page, url, wait, width, height }) {
    if (!pages.has(page)) {
      const fresh = await browser.newPage();
      await fresh.setViewport({ width: width ?? 900, height: height ?? 700 });
      pages.set(page, fresh);
    }
    const tab = pages.get(page);
    if (wait === "none") {
      // Arrivals at pages of extensions are never reported; whoever asks looks at the address.
      tab.goto(url, { timeout: 1_000 }).catch(() => {});
      return null;
    }
    await tab.goto(url, { waitUntil: wait ?? "load", timeout: 60_000 });
    return tab.url();
  },
  async evaluate({ page, script, words }) {
    return pages.get(page).evaluate(`(${script})(...${JSON.stringify(words ?? [])})`);
  },
  async click({ page, selector }) {
    await pages.get(page).click(selector);
    return null;
  },
  async screenshot({ page, clip }) {
    return pages.get(page).screenshot({ encoding: "base64", ...(clip ? { clip } : {}) });
  },
  async address({ page }) {
    return pages.get(page).evaluate("location.href");
  },
  async close({ page }) {
    await pages.get(page).close();
    pages.delete(page);
  },
  async stop() {
    await browser.close();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await acts[command.do](command)) ?? null };
  } catch (error) {
    answer = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  if (command.do === "stop") break;
}
process.exit(0);
