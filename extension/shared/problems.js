/**
 * What went wrong, in words, and what can be done about it. Pure: a code in, words out.
 *
 * Codes are the daemon's (docs/api.md) and the background's own. A code not listed keeps the daemon's
 * own sentence, which is written for people.
 */

/** @typedef {"start" | "pair" | "pull" | "retry" | "original" | "none"} Remedy */
/** @typedef {{title: string, about: string, remedy: Remedy}} Problem */

/** @type {Problem} */
const ABSENT = {
  title: "sdz is not running",
  about: "This picture needs a program on this computer. Start it, and this page goes on by itself.",
  remedy: "start",
};
/** @type {Problem} */
const UNSEEN = {
  title: "Not found yet",
  about: "This picture needs sdz, a program on this computer, which has never answered so far. Start it, and this page goes on by itself.",
  remedy: "start",
};
/** @type {Problem} */
const UNPAIRED = {
  title: "Not paired yet",
  about: "sdz is running, but it does not know this browser. Pairing takes one code, once.",
  remedy: "pair",
};
/** @type {Problem} */
const REFUSED = {
  title: "Pairing has ended",
  about: "sdz no longer accepts this browser. It was revoked, or sdz was set up anew. Pair again.",
  remedy: "pair",
};

/** What there is without the daemon, and what would be with it. */
export const ALONE =
  "This extension decodes pictures of lite-1 by itself. With sdz on this computer it shows those of other models " +
  "and of earlier editions too, sooner, and compresses pictures.";

/** What there is with the daemon, and what would be without it. */
export const TOGETHER =
  "sdz on this computer decodes all models that it has, keeps what it decoded, uses the graphics card where there is one, and " +
  "compresses. Without it this extension would show pictures of lite-1 by itself.";

/** @type {Problem} */
const LARGE = {
  title: "Too large",
  about: "The picture asks for more than sdz is set to allow.",
  remedy: "original",
};

/** @param {string} title @returns {Problem} */
const damaged = (title) => ({
  title,
  about: "The file did not arrive whole, or was changed after it was made.",
  remedy: "original",
});
/** @param {string} about @returns {Problem} */
const busy = (about) => ({ title: "sdz is busy", about, remedy: "retry" });
/** @param {string} about @returns {Problem} */
const newer = (about) => ({ title: "Made by a newer sdz", about, remedy: "original" });

/** @type {Record<string, Problem>} */
const KNOWN = {
  absent: ABSENT,
  unseen: UNSEEN,
  "daemon-not-running": ABSENT,
  draining: ABSENT,
  unpaired: UNPAIRED,
  "token-missing": UNPAIRED,
  "token-refused": REFUSED,
  "token-unknown": REFUSED,
  "token-revoked": REFUSED,
  "origin-foreign": REFUSED,
  "model-missing": {
    title: "The model {model} is missing",
    about: "It made this picture, and is not on this computer.",
    remedy: "pull",
  },
  "weights-mismatch": {
    title: "Another edition of the model",
    about: "This picture was made with other weights than those on this computer. It would come out wrong, so it is not shown.",
    remedy: "original",
  },
  "unknown-model": {
    title: "Unknown model",
    about: "This picture was made with a model that sdz does not know and cannot fetch.",
    remedy: "original",
  },
  "not-sdz": {
    title: "Not an .sdz picture",
    about: "The file does not begin as .sdz pictures do.",
    remedy: "original",
  },
  truncated: damaged("The file ends too early"),
  "bad-checksum": damaged("The file is damaged"),
  "bad-symbols": damaged("The file is damaged"),
  "bad-field": damaged("The file is damaged"),
  "too-costly": damaged("The file is damaged"),
  "bad-file": damaged("The file is damaged"),
  damaged: damaged("The file is damaged"),
  "trailing-data": damaged("The file is followed by something else"),
  "unsupported-version": newer("It uses a later version of the format. Update sdz to see it."),
  "unsupported-feature": newer("It uses a feature that this sdz does not have. Update sdz to see it."),
  "limit-exceeded": LARGE,
  "too-large": LARGE,
  "body-too-large": LARGE,
  "image-too-large": LARGE,
  "site-off": {
    title: "Switched off here",
    about: ".sdz pictures are switched off for this site.",
    remedy: "none",
  },
  "no-background": {
    title: "The extension was restarted",
    about: "Reload this page to go on.",
    remedy: "retry",
  },
  "queue-full": busy("Too many pictures are waiting. Try again in a moment."),
  "too-many-requests": busy("Too many requests are waiting. Try again in a moment."),
  "took-too-long": busy("Decoding took longer than allowed."),
  "out-of-memory": busy("There is not enough memory for this picture at the moment."),
  "engine-crashed": busy("The decoder stopped and will be started again."),
  unreachable: {
    title: "The picture could not be loaded",
    about: "The address did not answer with a file. Check it and the connection.",
    remedy: "retry",
  },
  "private-address": {
    title: "Address not allowed",
    about: "The address leads into a private network, from a page that is not part of it.",
    remedy: "none",
  },
  "unreadable-image": {
    title: "The picture could not be read",
    about: "It is damaged, or of a kind that sdz does not read.",
    remedy: "none",
  },
  "not-smaller": {
    title: "It would not get smaller",
    about: "The .sdz file would be larger than this picture is, so none was made.",
    remedy: "none",
  },
  cancelled: {
    title: "Cancelled",
    about: "Nothing was made and nothing saved.",
    remedy: "retry",
  },
  "pairing-code-wrong": {
    title: "That is not the code",
    about: "Check the digits, or run sdz pair again for a new code. A code is good for two minutes and five tries.",
    remedy: "pair",
  },
  "pairing-closed": {
    title: "sdz is not waiting for a code",
    about: "Codes are good for two minutes. Run sdz pair for a new one.",
    remedy: "pair",
  },
  "hub-offline": {
    title: "No connection",
    about: "The model could not be fetched. Check the connection and try again.",
    remedy: "retry",
  },
  "no-space": {
    title: "The disk is full",
    about: "There is not enough room for the model.",
    remedy: "retry",
  },
};

/**
 * A code by how the daemon stands: one that never answered here was not stopped.
 * @param {{code?: string, daemon?: string, seen?: unknown}} answer of the background, or a refusal's facts
 */
export function codeOf({ code, daemon, seen }) {
  const said = code ?? daemon ?? "";
  return said === "absent" && seen === false ? "unseen" : said;
}

/**
 * @param {string} code
 * @param {string} [message] the daemon's own sentence
 * @param {string} [model] that the picture was made with
 * @returns {Problem & {detail: string}} `detail`: the daemon's sentence, or ""
 */
export function explain(code, message = "", model = "") {
  const known = Object.hasOwn(KNOWN, code) ? KNOWN[code] : null;
  if (known) return { ...known, title: known.title.replace(/\{model\} ?/, model && `${model} `), detail: message };
  return {
    title: "Something went wrong",
    about: message || `sdz answered "${code}" and said nothing else.`,
    remedy: "retry",
    detail: "",
  };
}
