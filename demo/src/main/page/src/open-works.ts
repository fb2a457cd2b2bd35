import type { Work } from './protocol';

/** A load or a wait that has not ended, or whose end the timeline has not reached. */
export interface OpenWork {
  kind: 'load' | 'wait';
  node: number;
  begin: number;
  end: number;
}

const MOST = 500;

const BEGINS: Partial<Record<Work['what'], OpenWork['kind']>> = {
  load: 'load',
  'lock wait': 'wait',
};
const ENDS: Partial<Record<Work['what'], OpenWork['kind']>> = {
  loaded: 'load',
  'load failed': 'load',
  'lock waited': 'wait',
};

/** The loads and waits of this moment. Those of one node for one product count as one. */
export class OpenWorks {
  private readonly open = new Map<string, OpenWork>();

  take({ node, product, what, at }: Work): void {
    const begins = BEGINS[what];
    const ends = ENDS[what];
    if (begins !== undefined && this.open.size < MOST) {
      this.open.set(`${begins} ${node} ${product}`, {
        kind: begins,
        node,
        begin: at,
        end: Infinity,
      });
    } else if (ends !== undefined) {
      const open = this.open.get(`${ends} ${node} ${product}`);
      if (open !== undefined) {
        open.end = at;
      }
    }
  }

  /** A process that is gone does not end what it began. */
  end(node: number, at: number): void {
    for (const open of this.open.values()) {
      if (open.node === node) {
        open.end = Math.min(open.end, at);
      }
    }
  }

  clear(): void {
    this.open.clear();
  }

  /** What goes on at a time; forgets what ended before. */
  *during(now: number): IterableIterator<OpenWork> {
    for (const [key, open] of this.open) {
      if (open.end <= now) {
        this.open.delete(key);
      } else if (open.begin <= now) {
        yield open;
      }
    }
  }
}
