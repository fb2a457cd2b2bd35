import type { ServerPlace } from './picture-layout';
import type { Work } from './protocol';

/** One way of a message between a node and a server. */
export interface Leg {
  server: ServerPlace;
  /** Whether it goes to the server; else it comes from there. */
  there: boolean;
  /** What it says; `version` stands for the version of the row that it carries. */
  says: 'version' | (string & {});
  kind: 'ask' | 'no' | 'yes' | 'value';
  /** It is turned away where it arrives. */
  refused?: boolean;
}

const ASK_LOCK: Leg = { server: 'zookeeper', there: true, says: 'lock?', kind: 'ask' };
const STORE: Leg = { server: 'redis', there: true, says: 'version', kind: 'value' };
const REFUSED: Leg = { ...STORE, refused: true };

const LEGS: Record<Work['what'], readonly Leg[]> = {
  miss: [
    { server: 'redis', there: true, says: 'get', kind: 'ask' },
    { server: 'redis', there: false, says: 'nothing', kind: 'no' },
  ],
  'lock wait': [ASK_LOCK, { server: 'zookeeper', there: false, says: 'failed', kind: 'no' }],
  'lock waited': [],
  'lock acquired': [ASK_LOCK, { server: 'zookeeper', there: false, says: 'lock', kind: 'yes' }],
  'lock released': [{ server: 'zookeeper', there: true, says: 'unlock', kind: 'ask' }],
  load: [{ server: 'postgres', there: true, says: 'read', kind: 'ask' }],
  loaded: [{ server: 'postgres', there: false, says: 'version', kind: 'value' }],
  'load failed': [{ server: 'postgres', there: false, says: 'failed', kind: 'no' }],
  'fill stored': [STORE],
  'fill refused': [REFUSED],
  'fill behind': [REFUSED],
  'fill lost': [{ ...STORE, says: 'lost' }],
  published: [{ server: 'postgres', there: true, says: 'write', kind: 'ask' }, STORE],
  'publish lost': [{ ...STORE, says: 'lost' }],
};

/** The messages that a work stands for, in their order. */
export function legsOf(what: Work['what']): readonly Leg[] {
  return LEGS[what];
}

/** What a node has to do with the lock of a product after a work; undefined for no change. */
export function lockAfter(what: Work['what']): 'held' | 'failed' | null | undefined {
  switch (what) {
    case 'lock acquired':
      return 'held';
    case 'lock wait':
      return 'failed';
    case 'lock waited':
    case 'lock released':
      return null;
    default:
      return undefined;
  }
}
