/**
 * What was typed or pasted as a pairing code. Pure.
 */

/**
 * Reads a code, and the port where it came along: "12345678", "1234 5678", "1234-5678", or all that
 * `sdz pair` prints.
 * @param {string} text
 * @returns {{code: string | null, port: number | null, wrong: string}} `wrong`: what is wrong with the code, or ""
 */
export function readCode(text) {
  const port = readPort(/\bport\b\D{0,8}(\d{1,5})(?!\d)/i.exec(text)?.[1] ?? "");
  const own = text.replace(/\bport\b\D{0,8}\d{1,5}(?!\d)/i, " ").replace(/within \d+ seconds/i, " ");
  const separated = /(?<!\d)\d{4}[\s\u00a0\u2009\u202f.·\-–]?\d{4}(?!\d)/.exec(own);
  if (separated) return { code: separated[0].replace(/\D/g, ""), port, wrong: "" };
  const digits = own.replace(/\D/g, "");
  if (!digits) return { code: null, port, wrong: "Type the eight digits that sdz pair shows." };
  if (digits.length === 8) return { code: digits, port, wrong: "" };
  return { code: null, port, wrong: `A code has eight digits; these are ${digits.length}.` };
}

/**
 * @param {string} text
 * @returns {number | null} 1 to 65535; null where it is none
 */
export function readPort(text) {
  const digits = text.trim();
  if (!/^\d{1,5}$/.test(digits)) return null;
  const port = Number(digits);
  return port >= 1 && port <= 65535 ? port : null;
}
