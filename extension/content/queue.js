/**
 * The order in which pictures are asked for: the nearest first, a few at a time. Those that are out of reach come when no
 * other is left, and what was asked for is given up where another is nearer now. None is asked for while the daemon is
 * away: then one of them tries now and again for all.
 */

{
  const AT_ONCE = 4;
  const OUT_OF_REACH_AT_ONCE = 2;
  const FIRST_WAIT_MS = 2_000;
  const LONGEST_WAIT_MS = 30_000;
  const ALL_MS = 300;
  const IN_VIEW_MS = 1_000;
  const OUT_OF_REACH_MS = 5_000;
  /** Reasons that hold for all pictures alike, and those that hold for one. */
  const FOR_ALL = new Set(["no-background"]);
  const FOR_ONE = new Set([
    "absent", // of the daemon, which other pictures may not need
    "unpaired",
    "token-refused",
    "model-missing",
    "queue-full",
    "too-many-requests",
    "draining",
    "engine-crashed",
    "engine-stopped",
    "took-too-long",
    "deadline-passed",
  ]);

  /** @type {SdzItem[]} */
  let queued = [];
  /** @type {SdzItem[]} */
  let parked = [];
  /** @typedef {{item: SdzItem, side: number, canWait: boolean}} Run */
  /** @type {Set<Run>} */
  const running = new Set();
  /** Each once: on a page that moves all the time none would ever be there. @type {WeakSet<SdzItem>} */
  const givenUp = new WeakSet();
  /** Of small pictures that are still to come, whether they are in view. @type {Set<() => boolean>} */
  const ahead = new Set();
  let since = 0;
  let room = AT_ONCE;
  let blocked = "";
  let waitMs = FIRST_WAIT_MS;
  let timer = 0;
  /** Pictures under way or lately arrived, by hash: each is asked for once. */
  const pictures = new sdz.Bounded(32 * 2 ** 20, (entry) => entry.weight);
  let isLeft = false;

  /** @param {SdzItem} item */
  sdz.enqueue = function (item) {
    queued.push(item);
    if (blocked) item.wait(blocked);
    // A task of its own: what one page event brings is ordered together.
    setTimeout(pump, 0);
  };

  /** Whether its picture is here already, in the file's own size. @param {SdzSource} source */
  sdz.isHere = (source) => Boolean(pictures.get(nameOf(source, 0))?.picture);

  /**
   * Ask for no pictures before this is done: for a moment after the first of several, and a while longer for what is in
   * view.
   * @param {Promise<unknown>} first @param {() => boolean} isInView
   */
  sdz.letFirst = function (first, isInView) {
    if (!ahead.size) since = performance.now();
    ahead.add(isInView);
    const done = () => {
      if (!ahead.delete(isInView)) return;
      pump();
      tellCome();
    };
    void first.then(done, done);
    for (const ms of [ALL_MS, IN_VIEW_MS, OUT_OF_REACH_MS]) setTimeout(pump, ms);
  };

  const waitedMs = () => performance.now() - since;

  /** @type {(() => void)[]} */
  const hearers = [];
  const tellCome = () => hearers.forEach((hear) => hear());

  /** @param {() => void} hear called when a picture, or a small one, has come or will not come */
  sdz.onCome = (hear) => void hearers.push(hear);

  /** Whether a small picture is still to come, or a picture that is within reach. */
  sdz.isBusyInView = () => ahead.size > 0 || someoneWaits() || (!blocked && queued.some((item) => !isOutOfReach(item)));

  /** Whether a small picture is to be there first. */
  function waits() {
    const ms = waitedMs();
    if (!ahead.size || ms >= IN_VIEW_MS) return false;
    return ms < ALL_MS || [...ahead].some((isInView) => isInView());
  }

  /** Try all again now: the daemon is back, or the page is looked at again. */
  sdz.again = function () {
    clearTimeout(timer);
    timer = 0;
    if (sdz.off.signal.aborted) return;
    if (blocked) room = 1;
    blocked = "";
    queued = parked.concat(queued);
    parked = [];
    pump();
  };

  /** Whether nobody sees it soon. @param {SdzItem} item */
  const isOutOfReach = (item) => document.hidden || item.distance() > sdz.REACH;

  sdz.onMoved(pump);

  function pump() {
    if (isLeft || waits() || blocked || sdz.off.signal.aborted) return;
    queued = queued.filter((item) => item.isWanted());
    for (let next = nearest(); next; next = nearest()) {
      const canWait = isOutOfReach(next);
      if (!hasRoom(canWait)) return;
      queued.splice(queued.indexOf(next), 1);
      void begin(next, canWait);
    }
  }

  function nearest() {
    /** @type {SdzItem | undefined} */
    let found;
    let least = Infinity;
    for (const item of queued) {
      const distance = item.distance();
      if (found && distance >= least) continue;
      [found, least] = [item, distance];
      if (!distance) break;
    }
    return found;
  }

  /** @param {boolean} canWait */
  function hasRoom(canWait) {
    if (canWait && ahead.size && waitedMs() < OUT_OF_REACH_MS) return false;
    if (canWait) return running.size < Math.min(room, OUT_OF_REACH_AT_ONCE) && !someoneWaits();
    for (const run of running) if (run.canWait) giveUp(run);
    if (running.size < room) return true;
    // Its answer comes at once, and then there is room.
    for (const run of running) if (isOutOfReach(run.item) && giveUp(run)) return false;
    return false;
  }

  const someoneWaits = () => [...running].some(({ canWait }) => !canWait);

  /** @param {Run} run */
  function giveUp(run) {
    if (givenUp.has(run.item)) return false;
    givenUp.add(run.item);
    drop(run);
    return true;
  }

  /** @param {Run} run */
  function drop({ item, side }) {
    void sdz.tell("drop", { hash: item.source.hash, maxSide: side || undefined });
  }

  /** @param {SdzItem} item @param {boolean} canWait */
  async function begin(item, canWait) {
    const run = { item, side: item.side?.() ?? 0, canWait };
    running.add(run);
    try {
      await go(run);
    } finally {
      running.delete(run);
      pump();
      tellCome();
    }
  }

  /** @param {Run} run */
  async function go({ item, side, canWait }) {
    const answer = await pictureOf(item.source, side, canWait);
    if (answer.picture) {
      [room, waitMs] = [AT_ONCE, FIRST_WAIT_MS];
      if (!item.isWanted()) return;
      try {
        if (item.itself) return item.itself(answer.picture);
        const live = await sdz.liveOf(item.source, answer.picture, side, isOutOfReach(item));
        if (item.isWanted()) item.show(live, side);
        sdz.settle(live);
      } catch {
        item.fail("unreadable-image");
      }
    } else if (answer.code === "dropped") {
      queued.push(item);
    } else if (FOR_ALL.has(answer.code) || FOR_ONE.has(answer.code)) {
      parked.push(item);
      item.wait(answer.code);
      if (FOR_ALL.has(answer.code)) {
        blocked = answer.code;
        for (const other of queued) other.wait(blocked);
      }
      later();
    } else {
      item.fail(answer.code);
    }
  }

  function later() {
    if (timer) return;
    timer = window.setTimeout(() => {
      timer = 0;
      // Nobody looks: the page tries again when somebody does.
      if (document.visibilityState === "visible") sdz.again();
    }, waitMs);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }

  document.addEventListener(
    "visibilitychange",
    () => {
      if (document.visibilityState === "visible" && parked.length && !timer) sdz.again();
    },
    { signal: sdz.off.signal },
  );

  /** Nobody waits for the pictures of a page that is left; should it come back, they are asked for anew. @param {Event} event */
  function leave({ type }) {
    isLeft = type === "pagehide";
    if (isLeft) running.forEach(drop);
    else pump();
  }
  for (const name of ["pagehide", "pageshow"]) addEventListener(name, leave, { signal: sdz.off.signal });

  /** @param {SdzSource} source @param {number} side */
  const nameOf = ({ hash }, side) => `${hash} ${side}`;

  /** @param {SdzSource} source @param {number} side @param {boolean} canWait @returns {Promise<{picture?: SdzPicture, code: string}>} */
  function pictureOf(source, side, canWait) {
    const name = nameOf(source, side);
    const known = pictures.get(name);
    if (known) return known.answer;
    /** @type {{answer: Promise<any>, picture?: SdzPicture, weight: number}} */
    const entry = { answer: ask(source, side, canWait), weight: 1 };
    pictures.set(name, entry);
    void entry.answer.then((/** @type {{picture?: SdzPicture}} */ { picture }) => {
      pictures.delete(name);
      if (picture) pictures.set(name, { ...entry, picture, weight: picture.bytes.byteLength });
    });
    return entry.answer;
  }

  /** @param {SdzSource} source @param {number} side @param {boolean} canWait @returns {Promise<{picture?: SdzPicture, code: string}>} */
  async function ask(source, side, canWait) {
    const fields = { url: source.url, hash: source.hash, maxSide: side || undefined, canWait };
    let answer = await sdz.tell("picture", fields);
    if (answer.code === "gone" && (await sdz.sourceAgain(source))?.hash === source.hash) {
      answer = await sdz.tell("picture", fields);
    }
    if (!answer.ok) return { code: answer.code };
    return { picture: { bytes: answer.bytes, type: answer.type }, code: "" };
  }
}
