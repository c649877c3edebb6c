/** How pictures come in: dropped, pasted, chosen, one or many, or a folder of them. */

import { byId } from "./dom.js";

const PICTURE = /\.(apng|avif|bmp|dds|gif|hei[cf]|hif|icns|ico|jfif|jp[2cefgx]|jpe?g|j2[ck]|jxl|mpo|p[bgnp]m|pcx|png|qoi|sgi|tga|tiff?|webp)$/i;

/**
 * Have files accepted; those that are no pictures by their name and type are counted apart.
 * @param {(files: File[], others: number) => void} accept
 */
export function acceptFiles(accept) {
  const take = (files) => {
    const all = [...files].filter((file) => !file.name.startsWith("."));
    if (!all.length) return;
    const pictures = all.length > 1 ? all.filter(isPicture) : all;
    accept(pictures, all.length - pictures.length);
  };
  for (const id of ["file", "folder"]) {
    byId(id).addEventListener("change", (event) => {
      const files = [...event.target.files];
      event.target.value = "";
      take(files);
    });
  }
  byId("folder-label").hidden = !("webkitdirectory" in HTMLInputElement.prototype);
  const drop = byId("drop");
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  for (const kind of ["dragleave", "drop"]) {
    document.addEventListener(kind, () => drop.classList.remove("over"));
  }
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    take(await dropped(event.dataTransfer));
  });
  document.addEventListener("paste", (event) => {
    take([...event.clipboardData.files].filter((file) => file.type.startsWith("image/")));
  });
}

const isPicture = (file) => file.type.startsWith("image/") || PICTURE.test(file.name);

/** The files of a drop, with those in folders. */
async function dropped(data) {
  const files = [...data.files];
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return files;
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry, found) {
  if (entry.isFile) {
    found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    return;
  }
  const reader = entry.createReader();
  for (;;) { // a reader gives some at a time
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const inner of some) await walk(inner, found);
  }
}
