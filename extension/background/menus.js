/**
 * The context menu of pictures: save as PNG, copy, save the file, open in the viewer, compress to .sdz.
 *
 * Where each step is done, so that no permission is needed that users would be warned of:
 * - bytes are read in the picture's own frame, as the page itself would, and only if that fails by the background;
 * - files are saved by a link with `download` in the tab's top frame, in our own world, which the page cannot see
 *   (chrome.downloads would need a permission, and an offscreen document for its blobs);
 * - the clipboard is written in the picture's frame, which has the focus. Pages without https have no clipboard: there
 *   the viewer is opened, which has one, and a button for it;
 * - compressing has its own viewer tab, which asks for the picture by `grab`, and shows what came of it.
 *
 * What goes wrong opens the viewer, which says why.
 */

import { givenName, nameOf, renamed } from "../shared/naming.js";
import { decode } from "./decoding.js";
import { fetchForUser } from "./fetching.js";
import { isSdz } from "./header.js";
import { Refusal } from "./refusal.js";
import { addressHere, beginCopyHere, endCopyHere, readHere, saveHere } from "./in_page.js";
import { openViewer } from "./viewer.js";

/** @typedef {"png" | "copy" | "original" | "view" | "compress"} Item */
/** @typedef {{tabId: number, frameId: number, src: string}} Chosen where a picture is, and its src */
/** @typedef {{bytes: Uint8Array<ArrayBuffer>, type: string, url: string, name: string}} Source `name`: to save it by */

/** @type {readonly {id: Item, title: string}[]} */
const ITEMS = [
  { id: "png", title: "Save as PNG" },
  { id: "copy", title: "Copy picture" },
  { id: "original", title: "Save the file as it was sent (.sdz, .jpg, …)" },
  { id: "view", title: "Open in the sdz viewer" },
  { id: "compress", title: "Compress to .sdz" },
];
const KEPT = "chosen"; // in storage.session, by id: the background may end before the viewer has asked

/** Has the browser show the menu. Once, at the top level: the background is started by these events. */
export function installMenus() {
  const create = () =>
    chrome.contextMenus.removeAll(() => {
      for (const { id, title } of ITEMS) {
        const documentUrlPatterns = ["http://*/*", "https://*/*"];
        chrome.contextMenus.create({ id, title, contexts: ["image"], documentUrlPatterns });
      }
    });
  chrome.runtime.onInstalled.addListener(create);
  chrome.runtime.onStartup.addListener(create);
  chrome.contextMenus.onClicked.addListener((info, tab) => {
    const src = info.srcUrl;
    if (!src || tab?.id === undefined) return;
    void act(/** @type {Item} */ (info.menuItemId), { tabId: tab.id, frameId: info.frameId ?? 0, src });
  });
}

/** @param {Item} item @param {Chosen} chosen */
async function act(item, chosen) {
  if (item === "compress") {
    await openViewer(`compress=${await remember(chosen)}`, chosen.tabId);
    return;
  }
  if (item === "view") {
    const url = await addressOf(chosen);
    await openViewer(/^https?:/.test(url) ? url : "", chosen.tabId);
    return;
  }
  let url = chosen.src;
  const frame = { tabId: chosen.tabId, frameIds: [chosen.frameId] };
  try {
    if (item === "copy") await inject(frame, beginCopyHere, []);
    const source = await read(chosen);
    url = source.url;
    if (item === "original") {
      await save(chosen.tabId, source.bytes, source.type, originalName(source));
      return;
    }
    const png = await toPng(source);
    if (item === "png") await save(chosen.tabId, png, "image/png", renamed(source.name, "png"));
    else if (!(await inject(frame, endCopyHere, [toBase64(png)]))) throw new Refusal("no-clipboard", "The page has no clipboard.");
  } catch (error) {
    if (item === "copy") await inject(frame, endCopyHere, [""]).catch(() => {});
    console.warn("sdz:", item, error);
    if (/^https?:/.test(url)) await openViewer(url, chosen.tabId);
  }
}

/**
 * The picture that the viewer was opened to compress.
 * @param {string} id
 * @returns {Promise<Source>}
 * @throws {Refusal} unreachable
 */
export async function grab(id) {
  const all = await choices();
  const chosen = all[id];
  if (!chosen) throw new Refusal("unreachable", "The picture was chosen too long ago. Choose it again.");
  return read(chosen);
}

/** @returns {Promise<Record<string, Chosen>>} */
async function choices() {
  const found = await chrome.storage.session.get(KEPT);
  return /** @type {Record<string, Chosen>} */ (found[KEPT] ?? {});
}

/** @param {Chosen} chosen @returns {Promise<string>} its id */
async function remember(chosen) {
  const id = crypto.randomUUID();
  const kept = Object.entries(await choices()).slice(-15);
  await chrome.storage.session.set({ [KEPT]: Object.fromEntries([...kept, [id, chosen]]) });
  return id;
}

/** The file behind a picture, as the page has it or else as the address gives it. @param {Chosen} chosen @returns {Promise<Source>} */
async function read({ tabId, frameId, src }) {
  const found = await inject({ tabId, frameIds: [frameId] }, readHere, [src]).catch(() => null);
  if (found?.data) {
    const name = givenName(found.disposition ?? null) || nameOf(found.url);
    return { bytes: fromBase64(found.data), type: found.type, url: found.url, name };
  }
  const fetched = await fetchForUser(found?.url ?? src, true);
  return { ...fetched, name: fetched.name || nameOf(fetched.url) };
}

/** The address of the file behind a picture: of one that we gave its element, not the blob's. @param {Chosen} chosen */
async function addressOf({ tabId, frameId, src }) {
  return (await inject({ tabId, frameIds: [frameId] }, addressHere, [src]).catch(() => null)) ?? src;
}

/** @param {Source} source @returns {Promise<Uint8Array<ArrayBuffer>>} */
async function toPng({ bytes, type }) {
  if (isSdz(bytes)) return new Uint8Array((await decode(bytes, { format: "png" })).bytes);
  const bitmap = await createImageBitmap(new Blob([bytes], { type }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
}

/** @param {Source} source */
function originalName({ bytes, type, name }) {
  if (isSdz(bytes)) return renamed(name, "sdz");
  if (/\.[A-Za-z0-9]{1,5}$/.test(name)) return name;
  const kind = /^image\/(\w+)/.exec(type)?.[1];
  return kind ? `${name}.${kind === "jpeg" ? "jpg" : kind}` : name;
}

/** @param {number} tabId @param {Uint8Array} bytes @param {string} type @param {string} name */
async function save(tabId, bytes, type, name) {
  await inject({ tabId, frameIds: [0] }, saveHere, [toBase64(bytes), type, name]);
}

/**
 * @template {unknown[]} A, R
 * @param {{tabId: number, frameIds: number[]}} target @param {(...args: A) => R} func @param {A} args
 * @returns {Promise<Awaited<R>>}
 */
async function inject(target, func, args) {
  const [answer] = await chrome.scripting.executeScript({ target, func, args });
  return /** @type {Awaited<R>} */ (answer?.result);
}

/** @param {Uint8Array} bytes */
function toBase64(bytes) {
  let text = "";
  // In pieces: the arguments of one call are limited.
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
