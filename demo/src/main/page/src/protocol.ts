/**
 * What the page and its server say to each other. The server's side is the Java package
 * io.tidemark.demo.live. Times are in milliseconds since 1970. Versions are texts, because they have
 * more digits than a number keeps.
 *
 * The page asks `GET /live/state` for a State, opens `GET /live/events?product=ID` as a stream of
 * server-sent events (see Events), and acts by POST without a body (see actions). A refused request
 * is answered with a status of 400 or more and an Answered error.
 */

export type Lane = 'tidemark' | 'rival';

/** Server-sent events by their names. `state` comes first, and again whenever it has changed. */
export interface Events {
  state: State;
  /** Calls of the load that ended, several times a second. */
  calls: Call[];
  /** What the nodes' caches did inside. */
  work: Work[];
  /** Counts since the start, twice a second. */
  totals: Totals;
  /** The slot of the chosen product, when it has changed. */
  slot: Slot;
  log: LogLine;
  /** The page was too slow: so many calls, works and lines were dropped. A state follows. */
  lost: { events: number };
}

export interface State {
  startedAt: number;
  now: number;
  nodes: Node[];
  servers: Server[];
  /** Those that can be chosen. */
  rivals: Rival[];
  /** The name of the chosen one. */
  rival: string;
  load: Load;
  /** The products that the load reads and writes. */
  products: number[];
  act: Act | null;
}

export interface Node {
  /** From 1. */
  node: number;
  state: 'starting' | 'running' | 'paused' | 'stopped';
  url: string | null;
  pid: number | null;
}

export interface Server {
  name: 'zookeeper' | 'redis' | 'postgres';
  state: 'starting' | 'running' | 'stopping' | 'stopped';
  address: string;
  pid: number | null;
}

/** A cache of the usual kind. */
export interface Rival {
  name: string;
  title: string;
  /** What it does, and what its fault is. */
  text: string;
  /** Its Java source, some thirty lines. */
  source: string;
}

/** The same calls go to both lanes. */
export interface Load {
  /** Of each lane, over all nodes. 0 stops the reads. */
  readsPerSecond: number;
  /** Likewise. */
  writesPerSecond: number;
  /** What every load from the database takes longer than its query. */
  databaseLatencyMillis: number;
}

export interface Call {
  lane: Lane;
  node: number;
  kind: 'read' | 'write';
  product: number;
  begin: number;
  end: number;
  /** Where the value came from, such as `cache`; null for writes and failures. */
  source: string | null;
  /** The version that was read or written; null for a failure. */
  version: string | null;
  /**
   * What the judge says: `old` is older than a write that was acknowledged before the read began,
   * `back` is older than what another read had been answered before.
   */
  verdict: 'right' | 'old' | 'back' | 'failed';
  /** Why it failed. */
  error: string | null;
}

/** Only of Tidemark: the rival tells nothing. */
export interface Work {
  node: number;
  at: number;
  product: number;
  what:
    | 'miss'
    | 'lock wait'
    | 'lock waited'
    | 'lock acquired'
    | 'lock released'
    | 'load'
    | 'loaded'
    | 'load failed'
    | 'fill stored'
    | 'fill refused'
    | 'fill behind'
    | 'fill lost'
    | 'published'
    | 'publish lost';
  /** How long it took; null for what has no duration. */
  millis: number | null;
}

export interface Totals {
  at: number;
  lanes: Record<Lane, LaneTotals>;
  nodes: NodeTotals[];
}

export interface LaneTotals {
  reads: number;
  writes: number;
  /** Wrong answers: those that are old, and those that only go back. */
  old: number;
  back: number;
  failed: number;
  /** What the database counted; null while it is away and was never asked. */
  databaseReads: number | null;
}

/** Tidemark's. */
export interface NodeTotals {
  node: number;
  hits: number;
  loads: number;
  waits: number;
  refused: number;
  /** Of the reads that ended in the last few seconds; null if there were none. */
  medianMillis: number | null;
  p99Millis: number | null;
}

export interface Slot {
  product: number;
  at: number;
  state: 'EMPTY' | 'PENDING' | 'VALUE' | 'ABSENT' | 'DAMAGED' | 'UNKNOWN';
  version: string | null;
  fence: string | null;
  floor: string | null;
  ttlMillis: number | null;
  payload: unknown;
}

export interface LogLine {
  at: number;
  /** `action` is what a visitor did, `wrong` an answer that the judge refused. */
  kind: 'action' | 'event' | 'wrong';
  text: string;
}

/** "Break it for me". */
export interface Act {
  name: 'late-write' | 'eviction';
  title: string;
  /** Tells it from the acts before it. */
  number: number;
  /** Chooses nodes and product; the same seed plays the same again. */
  seed: number;
  /** How many steps have been taken. */
  taken: number;
  /** Whether the next one is being taken. */
  stepping: boolean;
  steps: { title: string; text: string }[];
  /** What others did meanwhile, after which the act may show nothing. */
  disturbances: string[];
  /** Why a step failed, with which the act is over. */
  failure: string | null;
  /** What came of it, by lane, once all steps are taken. */
  outcome: Record<Lane, { title: string; wrong: number; text: string }> | null;
}

/** What a stampede of 25 callers in every running node did. */
export interface Stampede {
  lane: 'protected' | 'unprotected';
  product: number;
  callers: number;
  databaseReads: number;
  failed: number;
  averageMillis: number;
  maxMillis: number;
}

export interface Answered {
  error?: string;
}

/** The paths of what a visitor can do; each is a POST. */
export const actions = {
  /** Answers Stampede[]. The server takes a product that nobody else asks for. */
  stampede: (mode: 'protected' | 'unprotected' | 'both') => `/live/stampede?mode=${mode}`,
  change: (product: number) => `/live/products/${product}/change`,
  evict: (product: number) => `/live/products/${product}/evict`,
  node: (node: number, action: 'pause' | 'resume' | 'kill' | 'start' | 'expire') =>
    `/live/nodes/${node}/${action}`,
  server: (name: Server['name'], action: 'stop' | 'start') => `/live/servers/${name}/${action}`,
  flushRedis: () => '/live/redis/flush',
  load: (load: Load) =>
    `/live/load?readsPerSecond=${load.readsPerSecond}&writesPerSecond=${load.writesPerSecond}` +
    `&databaseLatencyMillis=${load.databaseLatencyMillis}`,
  rival: (name: string) => `/live/rival?name=${name}`,
  /**
   * Takes a step of an act, which is refused if it is not that step's turn; step 1 begins the act.
   * Without a seed the server draws one.
   */
  act: (name: Act['name'], step: number, seed: number | null) =>
    `/live/acts/${name}/next?step=${step}` + (seed === null ? '' : `&seed=${seed}`),
  /** Ends an act before its end, with the step under way: everything it stopped goes on. */
  endAct: () => '/live/acts/end',
};

/** Answers text: what slot, database and the node's memory say of a product. GET. */
export const explainPath = (product: number): string => `/live/products/${product}/explain`;
