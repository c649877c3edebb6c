/** What the classic scripts of this folder share; see tell.js. */

interface SdzSource {
  url: string;
  /** of the file */
  hash: string;
  width: number;
  height: number;
  /** the page may not read its pixels */
  sealed: boolean;
}

/** A picture file that browsers know. */
interface SdzPicture {
  bytes: ArrayBuffer;
  type: string;
}

/** An address that can be given to elements in this run of the script. */
interface SdzLive {
  url: string;
  image: HTMLImageElement;
  /** Its address dies when it has been given out. */
  once: boolean;
}

interface SdzPatch {
  node: Element;
  name: string;
  before: string | null;
  after: string;
}

interface SdzShape {
  /** The address it shows or failed to show, absolute. */
  current(element: any): string;
  /** Keep its place by a picture that fires no event; null takes it away. Not all kinds need one. */
  hold?(element: any, held: { url: string; width: number; height: number } | null): void;
  give(element: any, url: string, isOld: (url: string) => boolean): SdzPatch[];
}

interface SdzItem {
  source: SdzSource;
  isWanted(): boolean;
  /** In screens; 0: in view. */
  distance(): number;
  /** The longer side of what it needs, 0 for all there is; asked when its turn comes. */
  side?(): number;
  /** Synchronous: a sealed address is dead right after it. */
  show(live: SdzLive, side: number): void;
  /** For the daemon or the user. */
  wait(code: string): void;
  /** For good. */
  fail(code: string): void;
  /** Takes the picture itself instead of `show`. */
  itself?(picture: SdzPicture): void;
}

interface SdzBounded<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): V;
  delete(key: string): void;
  readonly map: Map<string, V>;
}

/** What start.js has held and seen. */
interface SdzEarly {
  errors: Element[];
  hints: Map<string, boolean>;
  /** Whether a style may hold a file within itself. */
  embedded: boolean;
  /** Aborted when the frame is to be left alone. */
  resting: AbortController;
  hinted(): void;
  error(event: Event): void;
  /** Look at what was loaded, from now on. */
  observe(): void;
}

interface Sdz {
  early: SdzEarly;
  takeUp(element: Element): void;
  off: AbortController;
  tell(kind: string, fields: Record<string, unknown>): Promise<any>;
  Bounded: new <V>(most: number, weigh: (value: V) => number, drop?: (value: V) => void) => SdzBounded<V>;
  mayBeOurs(url: string): boolean;
  isForeign(url: string, cors: boolean): boolean;
  setForeign(url: string, cors: boolean): void;
  sourceOf(url: string, cors: boolean, soon?: boolean): Promise<SdzSource | null>;
  sourceAgain(source: SdzSource): Promise<SdzSource | null>;
  wantedBy(url: string): string | undefined;
  liveOf(source: SdzSource, picture: SdzPicture, side: number, unseen?: boolean): Promise<SdzLive>;
  previewOf(source: SdzSource, picture: SdzPicture): Promise<SdzLive>;
  placeholderOf(source: SdzSource, words: string): Promise<SdzLive>;
  retire(url: string): void;
  settle(live: SdzLive): void;
  dataUrl(picture: SdzPicture): string;
  candidates(srcset: string): { url: string; descriptor: string }[];
  withCandidate(srcset: string, isOld: (url: string) => boolean, fresh: string): string | null;
  isHolding(element: Element): boolean;
  shapeOf(element: unknown): SdzShape | null;
  takeBack(patches: SdzPatch[]): void;
  enqueue(item: SdzItem): void;
  isHere(source: SdzSource): boolean;
  letFirst(first: Promise<unknown>, isInView: () => boolean): void;
  onCome(hear: () => void): void;
  isBusyInView(): boolean;
  inTurn<T>(element: Element, look: () => Promise<T>): Promise<T>;
  REACH: number;
  onMoved(hear: () => void): void;
  watchDistance(element: Element, is: boolean): void;
  distanceOf(element: Element): number;
  sideOf(element: Element, source: SdzSource): number;
  watchSize(element: Element, source: SdzSource, side: number, more: () => void): void;
  again(): void;
  takeOver(): void;
  listenIn(root: ShadowRoot): void;
  isSeen(url: string): boolean;
  sweep(root: Document | ShadowRoot): void;
  offeredInStyles(roots: () => Iterable<Document | ShadowRoot>): Set<string>;
  namedInStyles(roots: () => Iterable<Document | ShadowRoot>): Set<string>;
  showInStyles(url: string, roots: () => Iterable<Document | ShadowRoot>): Promise<void>;
  showFavicons(): Promise<void>;
}

declare var sdz: Sdz;
