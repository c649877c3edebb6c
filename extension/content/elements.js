/**
 * Elements whose picture failed: held until it is known whether the file is ours, then given the picture, and
 * until that is there a small one, or its place.
 *
 * The page's view of events is that of a browser which knows the format: a picture of ours fires `load`
 * once and no `error`; another broken image fires the one `error` it always did.
 */

/**
 * @typedef {object} SdzState of one element, for one address it wants
 * @property {string} url
 * @property {"held" | "placeholder" | "preview" | "shown" | "outgrown"} phase
 * @property {boolean} loaded whether the page has had its `load`
 * @property {SdzPatch[]} patches
 * @property {string} words on its placeholder
 */

{
  const WORDS = /** @type {Record<string, string>} */ ({
    // What the extension decodes by itself does not wait.
    absent: "needs the sdz daemon, which was not found",
    unpaired: "needs the sdz daemon, which is not paired",
    "token-refused": "pair sdz again",
    "model-missing": "a model is missing",
  });
  const MOST_FAILURES = 3;
  /** A preview that is there by then comes instead of the grey. */
  const SOON_MS = 120;

  /** @type {WeakMap<Element, SdzState>} */
  const states = new WeakMap();
  /** @type {WeakMap<Element, number>} */
  const failures = new WeakMap();
  /** Elements whose changes by the page are watched. @type {WeakSet<Node>} */
  const watched = new WeakSet();
  /** @type {Set<string>} */
  const seen = new Set();
  const changes = new MutationObserver((records) => {
    for (const { target } of records) forget(/** @type {Element} */ (target));
  });

  /** Have start.js, which was here before the page, tell us. */
  sdz.takeOver = function () {
    sdz.early.error = onError;
    document.addEventListener("load", onLoad, { capture: true, signal: sdz.off.signal });
  };

  /** Listen in a shadow root, whose events the document does not hear. @param {ShadowRoot} root */
  sdz.listenIn = function (root) {
    const how = { capture: true, signal: sdz.off.signal };
    root.addEventListener("error", onError, how);
    root.addEventListener("load", onLoad, how);
  };

  /** Whether some element has asked for that address. @param {string} url */
  sdz.isSeen = (url) => seen.has(url);

  /**
   * Take up images that failed before we listened, or without an event: chosen anew for another width.
   * @param {Document | ShadowRoot} root
   */
  sdz.sweep = function (root) {
    for (const element of root.querySelectorAll("img, input[type=image], image")) {
      const shape = sdz.shapeOf(element);
      const state = states.get(element);
      if (!shape || (state && state.phase !== "shown")) continue;
      const url = shape.current(element);
      // What is still on its way has its event to come; asked for twice, both would wait for each other.
      if (element instanceof HTMLImageElement && !element.complete) continue;
      const broken = element instanceof HTMLImageElement && !element.naturalWidth;
      if (broken || /\.sdz(\?|$)/i.test(url)) take(element, shape, false);
    }
  };

  /** Take up an element whose error was held before these scripts were here. @param {Element} element */
  sdz.takeUp = function (element) {
    const shape = sdz.shapeOf(element);
    if (!shape || !take(element, shape, true)) giveBack(element);
  };

  /** Those that a script sends, ours too, are not the browser's. @param {Event} event */
  function onError(event) {
    const element = /** @type {Element} */ (event.target);
    const shape = sdz.shapeOf(element);
    if (shape && event.isTrusted && take(element, shape, true)) event.stopImmediatePropagation();
  }

  /** @param {Event} event */
  function onLoad(event) {
    const state = states.get(/** @type {Element} */ (event.target));
    if (!state) return;
    if (state.loaded) event.stopImmediatePropagation();
    else if (state.phase === "shown" || state.phase === "outgrown") state.loaded = true;
  }

  /**
   * Look into an element's failure. Held: the page has not had its `error` yet.
   * @param {Element} element @param {SdzShape} shape @param {boolean} held
   * @returns {boolean} false: it is known to be none of ours
   */
  function take(element, shape, held) {
    const current = shape.current(element);
    const given = sdz.wantedBy(current);
    const url = given ?? current;
    const cors = isCors(element);
    if (!sdz.mayBeOurs(url) || sdz.isForeign(url, cors)) return false;
    if (given && (failures.get(element) ?? 0) >= MOST_FAILURES) return false;
    failures.set(element, given ? (failures.get(element) ?? 0) + 1 : 0);
    if (given) sdz.retire(current);
    const before = states.get(element);
    const loaded = before?.url === url && before.loaded;
    /** @type {SdzState} */
    const state = { url, phase: "held", loaded, patches: before?.patches ?? [], words: "" };
    states.set(element, state);
    if (seen.size > 5000) seen.clear();
    seen.add(url);
    watch(element);
    void sdz.inTurn(element, () => handle(element, shape, state, cors, held));
    return true;
  }

  /** @param {Element} element @param {SdzShape} shape @param {SdzState} state @param {boolean} cors @param {boolean} held */
  async function handle(element, shape, state, cors, held) {
    if (states.get(element) !== state) return;
    const source = await sdz.sourceOf(state.url, cors, Boolean(shape.hold));
    if (states.get(element) !== state) return;
    if (!source) {
      states.delete(element);
      if (held) giveBack(element);
      return;
    }
    if (source.sealed && isCustom(element)) {
      // Its page's callback runs within our change, while the address is alive.
      sdz.setForeign(state.url, cors);
      states.delete(element);
      if (held) giveBack(element);
      return;
    }
    if (!sdz.isHere(source) && shape.hold) {
      const first = preview(element, shape, state, source);
      // Before it is held, it has no place yet that could be in view.
      sdz.letFirst(first, () => states.get(element) === state && state.phase !== "held" && !sdz.distanceOf(element));
      await Promise.race([first, pause(SOON_MS)]);
      await placeholder(element, shape, state, source, "");
    }
    if (states.get(element) !== state) return;
    ask(element, shape, state, source, cors, held);
  }

  /**
   * @param {Element} element @param {SdzShape} shape @param {SdzState} state @param {SdzSource} source
   * @param {boolean} cors @param {boolean} held
   */
  function ask(element, shape, state, source, cors, held) {
    sdz.watchDistance(element, true);
    sdz.enqueue({
      source,
      side: () => (state.phase === "held" ? 0 : sdz.sideOf(element, source)),
      isWanted: () => states.get(element) === state && state.phase !== "shown",
      distance: () => sdz.distanceOf(element),
      show(live, side) {
        sdz.watchDistance(element, false);
        give(element, shape, state, live);
        sdz.watchSize(element, source, side, () => {
          if (states.get(element) !== state || state.phase !== "shown") return;
          state.phase = "outgrown";
          ask(element, shape, state, source, cors, held);
        });
      },
      wait(code) {
        if (state.phase === "outgrown") return;
        if (states.get(element) === state && sdzGiveUp(element)) leave();
        else void placeholder(element, shape, state, source, WORDS[code] ?? "sdz is busy");
      },
      fail() {
        if (state.phase === "outgrown") return; // what it shows is better than nothing
        // The element's own failure, as without us.
        sdz.setForeign(state.url, cors);
        if (states.get(element) !== state) return;
        leave();
        if (held) giveBack(element);
      },
    });

    function leave() {
      states.delete(element);
      sdz.watchDistance(element, false);
      shape.hold?.(element, null);
      takeBack(state.patches);
    }
  }

  /** The small picture, until the large one is there. @param {Element} element @param {SdzShape} shape @param {SdzState} state @param {SdzSource} source */
  async function preview(element, shape, state, source) {
    const { bytes, type } = await sdz.tell("preview", { hash: source.hash });
    if (!bytes || !isWaiting(element, state, "preview")) return;
    const live = await sdz.previewOf(source, { bytes, type }).catch(() => null);
    if (live && isWaiting(element, state, "preview")) hold(element, shape, state, source, live, "preview");
    if (live) sdz.settle(live);
  }

  /** @param {Element} element @param {SdzShape} shape @param {SdzState} state @param {SdzSource} source @param {string} words */
  async function placeholder(element, shape, state, source, words) {
    if (!shape.hold || state.phase === "preview" || (state.phase === "placeholder" && state.words === words)) return;
    state.words = words;
    const live = await sdz.placeholderOf(source, words);
    if (isWaiting(element, state, "placeholder") && state.words === words) {
      hold(element, shape, state, source, live, "placeholder");
    }
    sdz.settle(live);
  }

  /** Whether nothing better than this is shown. @param {Element} element @param {SdzState} state @param {"placeholder" | "preview"} what */
  function isWaiting(element, state, what) {
    return states.get(element) === state && ["held", "placeholder", what].includes(state.phase);
  }

  /**
   * @param {Element} element @param {SdzShape} shape @param {SdzState} state @param {SdzSource} source
   * @param {SdzLive} live @param {"placeholder" | "preview"} phase
   */
  function hold(element, shape, state, { width, height }, { url }, phase) {
    state.phase = phase;
    shape.hold?.(element, { url, width, height });
  }

  /** @param {SdzState} state */
  function isHeld({ phase }) {
    return phase === "placeholder" || phase === "preview";
  }

  /** @param {number} ms */
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  /** @param {Element} element @param {SdzShape} shape @param {SdzState} state @param {SdzLive} live */
  function give(element, shape, state, live) {
    if (isHeld(state)) shape.hold?.(element, null);
    state.phase = "shown";
    const isOld = (/** @type {string} */ url) => (sdz.wantedBy(url) ?? url) === state.url;
    quietly(() => {
      state.patches = state.patches.concat(shape.give(element, live.url, isOld)).slice(-20);
    });
  }

  /** @param {SdzPatch[]} patches */
  function takeBack(patches) {
    quietly(() => sdz.takeBack(patches));
  }

  /** Change the page without taking it for the page's doing. @param {() => void} act */
  function quietly(act) {
    const earlier = changes.takeRecords();
    act();
    changes.takeRecords();
    for (const { target } of earlier) forget(/** @type {Element} */ (target));
  }

  /** The page has changed what an element wants. @param {Element} target */
  function forget(target) {
    const element = target.localName === "source" ? target.parentElement?.querySelector("img") : target;
    const state = element && states.get(element);
    if (!element || !state) return;
    states.delete(element);
    failures.delete(element);
    sdz.watchDistance(element, false);
    if (isHeld(state)) sdz.shapeOf(element)?.hold?.(element, null);
    takeBack(state.patches);
  }

  /** @param {Element} element */
  function watch(element) {
    const nodes = [element];
    if (element.parentElement?.localName === "picture") {
      nodes.push(...element.parentElement.querySelectorAll(":scope > source"));
    }
    for (const node of nodes) {
      if (watched.has(node)) continue;
      watched.add(node);
      changes.observe(node, { attributeFilter: ["src", "srcset", "href", "xlink:href"] });
    }
  }

  /** Its failure, as without us: the page's next choice, or its `error`. @param {Element} element */
  function giveBack(element) {
    if (!sdzGiveUp(element)) element.dispatchEvent(new Event("error"));
  }

  /** @param {Element} element */
  function isCors(element) {
    return element instanceof HTMLImageElement && element.crossOrigin !== null;
  }

  /** Whether it is a customized built-in; said by its text even where no attribute says so. @param {Element} element */
  function isCustom(element) {
    return element.hasAttribute("is") || /^<\S+ is=/.test(element.outerHTML);
  }
}
