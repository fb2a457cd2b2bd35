import type { Node } from './protocol';

type ProcessState = Node['state'];

export interface Stretch {
  begin: number;
  end: number;
  state: ProcessState;
}

const KEPT_CHANGES = 64;

/** When each process was in which state. */
export class ProcessHistory {
  private readonly changes = new Map<number, { at: number; state: ProcessState }[]>();

  observe(node: number, state: ProcessState, at: number): void {
    let known = this.changes.get(node);
    if (known === undefined) {
      known = [];
      this.changes.set(node, known);
    }
    if (known.at(-1)?.state !== state) {
      known.push({ at, state });
      if (known.length > KEPT_CHANGES) {
        known.shift();
      }
    }
  }

  /** The stretches between two times in which a process did not run. */
  idle(node: number, begin: number, end: number): Stretch[] {
    const known = this.changes.get(node) ?? [];
    const found: Stretch[] = [];
    known.forEach(({ at, state }, place) => {
      const until = known[place + 1]?.at ?? Infinity;
      if (state !== 'running' && at < end && until > begin) {
        found.push({ begin: Math.max(at, begin), end: Math.min(until, end), state });
      }
    });
    return found;
  }
}
