/** The candidates of a `srcset`. Pure. */

/**
 * Candidates as they stand in the attribute: address, and what follows it.
 * @param {string} srcset
 * @returns {{url: string, descriptor: string}[]}
 */
sdz.candidates = function (srcset) {
  // The standard's own steps: an address runs to the next white space; commas at its end
  // belong to the list, those within it (data:) to the address.
  const found = [];
  let rest = srcset;
  for (;;) {
    rest = rest.replace(/^[\s,]+/, "");
    if (!rest) return found;
    const word = /** @type {RegExpExecArray} */ (/^\S+/.exec(rest))[0];
    rest = rest.slice(word.length);
    if (word.endsWith(",")) {
      found.push({ url: word.replace(/,+$/, ""), descriptor: "" });
      continue;
    }
    const descriptor = /** @type {RegExpExecArray} */ (/^(?:[^,(]|\([^)]*\)?)*/.exec(rest))[0];
    rest = rest.slice(descriptor.length);
    found.push({ url: word, descriptor: descriptor.trim() });
  }
};

/**
 * The same list with one address changed, or null where it is not in it.
 * @param {string} srcset @param {(url: string) => boolean} isOld @param {string} fresh
 */
sdz.withCandidate = function (srcset, isOld, fresh) {
  let changed = false;
  const list = sdz.candidates(srcset).map(({ url, descriptor }) => {
    const old = isOld(url);
    changed ||= old;
    return `${old ? fresh : url} ${descriptor}`.trim();
  });
  return changed ? list.join(", ") : null;
};
