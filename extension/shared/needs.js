/** Why a picture waits for the daemon, though the extension decodes by itself. Pure. */

const AWAY = ["absent", "unpaired", "token-refused"];
const OWN_MODEL = "lite-1";

/**
 * @param {{reason: string, model: string}} picture that waits; its model as its header says it, or ""
 * @returns {string} words, or "" where it does not wait for a daemon that is away
 */
export function needs({ reason, model }) {
  if (!AWAY.includes(reason) || !model) return "";
  const what = model === OWN_MODEL ? "An earlier edition of lite-1, or too large for a browser" : `The model ${model}`;
  return `${what}: needs the sdz daemon`;
}
