/**
 * Beside pages of this machine: where one is a daemon's dashboard, it is told that this browser is not paired, and a code
 * that it shows after the user has clicked there is passed on, for the user to confirm on a page of ours.
 *
 * What it is and whether it is heard the background decides (background/offers.js), which trusts none of this. Nothing is
 * told to a page that is no daemon's: most developers' own pages are at this address.
 */

{
  const AGAIN_MS = [5_000, 20_000];
  const place = document.getElementById("pair-code");

  /** @param {string} kind @param {object} [fields] */
  const tell = (kind, fields) => chrome.runtime.sendMessage({ ...fields, kind }).catch(() => null);

  /** @param {HTMLElement} shown */
  const passOn = (shown) => {
    const { code, port } = shown.dataset;
    // A page cannot click itself: this is the browser's word that somebody did.
    if (code && port === location.port && navigator.userActivation.hasBeenActive) void tell("offer", { code });
  };

  const invite = async () => {
    const answer = await tell("dashboard");
    if (answer?.wanted) document.documentElement.dataset["sdzExtension"] = "unpaired";
  };

  if (place && window.top === window) {
    new MutationObserver(() => passOn(place)).observe(place, { attributeFilter: ["data-code"] });
    void invite();
    // The daemon may have been too busy to answer, or the pairing ended meanwhile.
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && invite());
    for (const ms of AGAIN_MS) setTimeout(invite, ms);
  }
}
