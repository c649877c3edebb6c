/**
 * Asking the background, which alone knows the daemon: extension/README.md, "Messages".
 */

/**
 * @param {string} kind
 * @param {Record<string, unknown>} [fields] bytes as ArrayBuffer
 * @returns {Promise<any>} {ok: true, ...} or {ok: false, code, message}; never throws
 */
export async function ask(kind, fields = {}) {
  try {
    const answer = await chrome.runtime.sendMessage({ ...fields, kind });
    if (answer) return answer;
  } catch {
    // The background is being restarted or was replaced.
  }
  return { ok: false, code: "no-background", message: "The extension's background did not answer." };
}
