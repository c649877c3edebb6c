/**
 * The page side's one way out: messages to the background, and what the frame's parts share.
 *
 * The files in this folder are classic scripts, put in by background/wake.js in its order after start.js. They share
 * the object `sdz` of the extension's own world, which no page can see. Each is one block, so that a
 * frame in which they run twice (about:blank, then the page that takes its place) gets fresh ones.
 */

/** The off switch of all that this frame has set up. */
sdz.off = new AbortController();

/**
 * @param {string} kind @param {Record<string, unknown>} fields
 * @returns {Promise<any>} {ok: true, ...} or {ok: false, code}
 */
sdz.tell = async function (kind, fields) {
  try {
    const answer = await chrome.runtime.sendMessage({ ...fields, kind });
    if (answer) return answer;
  } catch {
    // It was updated or switched off: from now on this frame leaves the page alone.
    if (!chrome.runtime?.id) sdz.off.abort();
  }
  return { ok: false, code: "no-background" };
};
