import type { Lane } from './protocol';

/** Where a process has its lane, in pixels from the top. */
export interface LaneBox {
  lane: Lane;
  node: number;
  top: number;
  height: number;
}

export interface Lanes {
  boxes: readonly LaneBox[];
  /** Where the title of each cache stands. */
  titles: Readonly<Record<Lane, number>>;
  height: number;
}

export const TITLE_HEIGHT = 22;
const FEW_NODES = 5;
const TALL = 24;
const LOW = 16;

/** Puts the lanes of all nodes under each other, first Tidemark's, then the rival's. */
export function layOut(nodes: readonly number[]): Lanes {
  const height = nodes.length <= FEW_NODES ? TALL : LOW;
  const boxes: LaneBox[] = [];
  const titles = { tidemark: 0, rival: 0 };
  let top = 0;
  for (const lane of ['tidemark', 'rival'] as const) {
    titles[lane] = top;
    top += TITLE_HEIGHT;
    for (const node of nodes) {
      boxes.push({ lane, node, top, height });
      top += height;
    }
    top += 6;
  }
  return { boxes, titles, height: top };
}

export function laneAt(lanes: Lanes, y: number): LaneBox | undefined {
  return lanes.boxes.find((box) => y >= box.top && y < box.top + box.height);
}

/**
 * A strip of pixels on which time goes round: what is drawn for a time stays where it is, and is
 * wiped when the time that needs its place comes.
 */
export class TimeStrip {
  constructor(
    /** In whole pixels. */
    readonly width: number,
    readonly windowMillis: number,
    /** Room for what is drawn a little ahead of its time. */
    readonly lead: number,
  ) {}

  get pixelsPerMilli(): number {
    return this.width / this.windowMillis;
  }

  /** The width of the strip itself, which needs room for the lead on both sides. */
  get length(): number {
    return this.width + 2 * this.lead;
  }

  /** The pixel of a time, counted from 1970 and not yet wrapped. */
  column(time: number): number {
    return Math.floor(time * this.pixelsPerMilli);
  }

  /** Where a column is on the strip. */
  place(column: number): number {
    return ((column % this.length) + this.length) % this.length;
  }

  /** The stretches of the strip that a stretch of columns takes, as it may go over the end. */
  stretches(from: number, width: number): { at: number; width: number; offset: number }[] {
    const covered = Math.min(width, this.length);
    const at = this.place(from);
    const first = Math.min(covered, this.length - at);
    const found = [{ at, width: first, offset: 0 }];
    if (covered > first) {
      found.push({ at: 0, width: covered - first, offset: first });
    }
    return found;
  }
}
