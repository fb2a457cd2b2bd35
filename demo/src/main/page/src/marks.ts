import { clockTime, duration } from './format';
import type { Call, Lane, Work } from './protocol';

/** How a mark looks, and therefore what it stands for. */
export type Shape = 'hit' | 'wait' | 'load' | 'write' | 'failed' | 'refused';

/** Something that happened in a lane of the timeline. */
export interface Mark {
  lane: Lane;
  node: number;
  product: number;
  begin: number;
  end: number;
  shape: Shape;
  /** Null where there is no version. */
  version: string | null;
  /** Of the version, in the order of age; null where there is no version. */
  position: number | null;
  /** What the judge objects to; null if it does not. */
  wrong: 'old' | 'back' | null;
  /** Where a value came from, why something failed, or what was refused. */
  remark: string | null;
}

type PositionOf = (lane: Lane, product: number, version: string) => number;

function shapeOf(call: Call): Shape {
  if (call.verdict === 'failed') {
    return 'failed';
  }
  if (call.kind === 'write') {
    return 'write';
  }
  if (call.source?.startsWith('cache (after wait') === true) {
    return 'wait';
  }
  return call.source?.startsWith('cache') === true ? 'hit' : 'load';
}

export function markOfCall(call: Call, positionOf: PositionOf): Mark {
  return {
    lane: call.lane,
    node: call.node,
    product: call.product,
    begin: call.begin,
    end: call.end,
    shape: shapeOf(call),
    version: call.version,
    position: call.version === null ? null : positionOf(call.lane, call.product, call.version),
    wrong: call.verdict === 'old' || call.verdict === 'back' ? call.verdict : null,
    remark: call.error ?? call.source,
  };
}

const REFUSALS: Partial<Record<Work['what'], string>> = {
  'fill refused': 'its claim was gone',
  'fill behind': 'a newer row is known',
};

/** The mark of a work, for those that no call tells of: a write to Redis that was refused. */
export function markOfWork(work: Work): Mark | null {
  const remark = REFUSALS[work.what];
  return remark === undefined
    ? null
    : {
        lane: 'tidemark',
        node: work.node,
        product: work.product,
        begin: work.at,
        end: work.at,
        shape: 'refused',
        version: null,
        position: null,
        wrong: null,
        remark,
      };
}

const OPERATIONS: Record<Shape, string> = {
  hit: 'Read from the cache',
  wait: 'Read after a wait',
  load: 'Read from the database',
  write: 'Write',
  failed: 'Failed call',
  refused: 'Refused write',
};

const OBJECTIONS = {
  old: 'Wrong: older than an acknowledged write',
  back: 'Wrong: goes back behind an earlier answer',
} as const;

export function operation(mark: Mark): string {
  return OPERATIONS[mark.shape];
}

export function objection(mark: Mark): string {
  return mark.wrong === null ? '' : OBJECTIONS[mark.wrong];
}

/** Everything about a mark, in lines. */
export function describe(mark: Mark, laneTitle: string): string[] {
  const what = `${operation(mark)}, product ${mark.product}`;
  const where = `Node ${mark.node}, ${laneTitle}`;
  const when = `${clockTime(mark.begin)}${mark.end > mark.begin ? `, took ${duration(mark.end - mark.begin)}` : ''}`;
  const version = mark.version === null ? null : `Version v${mark.position} (${mark.version})`;
  const remark =
    mark.shape === 'failed' || mark.shape === 'refused' || mark.shape === 'load'
      ? mark.remark
      : null;
  return [objection(mark), what, where, when, version, remark].filter(
    (line): line is string => line !== null && line !== '',
  );
}

/** Whether a mark is worth a row in the table: ordinary reads from the cache are too many. */
export function isNotable(mark: Mark): boolean {
  return mark.wrong !== null || mark.shape !== 'hit';
}
