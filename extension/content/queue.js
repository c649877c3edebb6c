/**
 * The order in which pictures are asked for: what is in view first, a few at a time, and none while the daemon
 * is away: then one of them tries now and again for all.
 */

{
  const AT_ONCE = 4;
  const FIRST_WAIT_MS = 2_000;
  const LONGEST_WAIT_MS = 30_000;
  const ALL_MS = 300;
  const IN_VIEW_MS = 1_000;
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
  let running = 0;
  /** Of small pictures that are still to come, whether they are in view. @type {Set<() => boolean>} */
  const ahead = new Set();
  let since = 0;
  let room = AT_ONCE;
  let blocked = "";
  let waitMs = FIRST_WAIT_MS;
  let timer = 0;
  /** Pictures under way or lately arrived, by hash: each is asked for once. */
  const pictures = new sdz.Bounded(32 * 2 ** 20, (entry) => entry.weight);

  /** @param {SdzItem} item */
  sdz.enqueue = function (item) {
    queued.push(item);
    if (blocked) item.wait(blocked);
    // A task of its own: what one page event brings is ordered together.
    setTimeout(pump, 0);
  };

  /** Whether its picture is here already, in the file's own size. @param {SdzSource} source */
  sdz.isHere = (source) => Boolean(pictures.get(nameOf(source, 0))?.blob);

  /**
   * Ask for no pictures before this is done: for a moment after the first of several, and a while longer for what is in
   * view.
   * @param {Promise<unknown>} first @param {() => boolean} isInView
   */
  sdz.letFirst = function (first, isInView) {
    if (!ahead.size) since = performance.now();
    ahead.add(isInView);
    const done = () => void (ahead.delete(isInView) && pump());
    void first.then(done, done);
    for (const ms of [ALL_MS, IN_VIEW_MS]) setTimeout(pump, ms);
  };

  /** Whether a small picture is to be there first. */
  function waits() {
    const ms = performance.now() - since;
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

  function pump() {
    if (waits()) return;
    while (running < room && queued.length && !blocked && !sdz.off.signal.aborted) {
      queued = queued.filter((item) => item.isWanted());
      const inView = queued.findIndex((item) => item.isInView());
      const [item] = queued.splice(Math.max(inView, 0), 1);
      if (!item) return;
      running += 1;
      run(item).finally(() => {
        running -= 1;
        pump();
      });
    }
  }

  /** @param {SdzItem} item */
  async function run(item) {
    const side = item.side?.() ?? 0;
    const answer = await pictureOf(item.source, side);
    if (answer.blob) {
      [room, waitMs] = [AT_ONCE, FIRST_WAIT_MS];
      if (!item.isWanted()) return;
      try {
        if (item.blob) return await item.blob(answer.blob);
        const live = await sdz.liveOf(item.source, answer.blob, side);
        if (item.isWanted()) item.show(live, side);
        sdz.settle(live);
      } catch {
        item.fail("unreadable-image");
      }
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

  /** @param {SdzSource} source @param {number} side */
  const nameOf = ({ hash }, side) => `${hash} ${side}`;

  /** @param {SdzSource} source @param {number} side @returns {Promise<{blob?: Blob, code: string}>} */
  function pictureOf(source, side) {
    const name = nameOf(source, side);
    const known = pictures.get(name);
    if (known) return known.answer;
    /** @type {{answer: Promise<any>, blob?: Blob, weight: number}} */
    const entry = { answer: ask(source, side), weight: 1 };
    pictures.set(name, entry);
    void entry.answer.then((/** @type {{blob?: Blob}} */ { blob }) => {
      pictures.delete(name);
      if (blob) pictures.set(name, { ...entry, blob, weight: blob.size });
    });
    return entry.answer;
  }

  /** @param {SdzSource} source @param {number} side @returns {Promise<{blob?: Blob, code: string}>} */
  async function ask(source, side) {
    const fields = { url: source.url, hash: source.hash, maxSide: side || undefined };
    let answer = await sdz.tell("picture", fields);
    if (answer.code === "gone" && (await sdz.sourceAgain(source))?.hash === source.hash) {
      answer = await sdz.tell("picture", fields);
    }
    if (!answer.ok) return { code: answer.code };
    return { blob: new Blob([answer.bytes], { type: answer.type }), code: "" };
  }
}
