/** What a picture is compressed to: the form beside it, as the query of /v1/encode. */

import { get } from "./api.js";
import { byId, h } from "./dom.js";

const READY = ["built-in", "installed"];

/**
 * Watch the form. `changed` is called when something else is wanted.
 * @param {() => void} changed
 */
export function watchOptions(changed) {
  const form = byId("options");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => {
    showAim(form);
    changed();
  });
  byId("quality").addEventListener("input", () => {
    byId("quality-value").textContent = byId("quality").value;
  });
  showAim(form);
}

/** Only what belongs to the chosen aim is there to be set. */
function showAim(form) {
  const aim = form.elements.aim.value;
  for (const part of form.querySelectorAll("[data-aim]")) part.hidden = part.dataset.aim !== aim;
  byId("location-label").hidden = !byId("metadata").checked;
  byId("keep-boxes-row").hidden = byId("keep").value !== "boxes";
}

/** The models that can be used now; the chosen one stays chosen. */
export async function fillModels() {
  const { models } = await get("/v1/models");
  const select = byId("model");
  const chosen = select.value;
  const names = models.filter((row) => READY.includes(row.state)).map((row) => row.name);
  select.replaceChildren(...names.map((name) => h("option", { value: name, textContent: name })));
  if (names.includes(chosen)) select.value = chosen;
}

const BOXES = /^\d{1,5}(,\d{1,5}){3}(;\d{1,5}(,\d{1,5}){3})*$/;

/** The field keep of the query; none where nothing is said of it. */
function kept(chosen) {
  if (chosen === "auto") return undefined;
  if (chosen !== "boxes") return chosen;
  const boxes = byId("keep-boxes").value.replace(/\s/g, "").replace(/;$/, "");
  if (!boxes) return undefined; // not said yet
  if (!BOXES.test(boxes)) throw new Error("a rectangle is left,top,width,height in pixels, several with ; between");
  return `${boxes};auto`;
}

/**
 * The query of /v1/encode.
 * @returns {Record<string, string | number>}
 */
export function wanted() {
  const form = byId("options");
  const checked = (id) => (byId(id).checked ? 1 : undefined);
  const query = {
    model: byId("model").value || "lite-1",
    allow_larger: 1,
    effort: byId("effort").checked ? "high" : undefined,
    keep: kept(byId("keep").value),
    keep_metadata: checked("metadata"),
    keep_location: byId("metadata").checked ? checked("location") : undefined,
  };
  switch (form.elements.aim.value) {
    case "quality":
      return { ...query, quality: byId("quality").value };
    case "bytes": {
      const kilobytes = Number(byId("bytes").value);
      if (!(kilobytes > 0)) throw new Error("a size is a number of kB above 0");
      return { ...query, target_bytes: Math.round(kilobytes * 1000) };
    }
    case "score":
      return { ...query, min_score: byId("score").value };
    default:
      return { ...query, preset: form.elements.preset.value };
  }
}
