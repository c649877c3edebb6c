/**
 * Chromium's document for workers, which a service worker may not start: it decodes what the background asks for by the
 * port that it sends (background/own.js), and closes when nobody has asked for a while.
 */

import { FormatError } from "./refusals.js";
import { localPool } from "./local.js";

/** @typedef {{id: number, kind: "decode" | "preview", data: Uint8Array, maxSide: number}} Asked */

const pool = localPool(() => window.close());

navigator.serviceWorker.onmessage = ({ ports: [port] }) => {
  if (!port) return;
  port.onmessage = async (/** @type {MessageEvent<Asked>} */ { data: { id, kind, data, maxSide } }) => {
    try {
      const png = await pool.run(kind, data, maxSide);
      port.postMessage({ id, png }, [png.buffer]);
    } catch (error) {
      const known = error instanceof FormatError;
      const { code, message, facts } = known ? error : { code: "unreadable-image", message: String(error), facts: {} };
      port.postMessage({ id, wrong: { code, message, facts } });
    }
  };
  port.postMessage({ here: true });
};
navigator.serviceWorker.startMessages();
pool.warm();
