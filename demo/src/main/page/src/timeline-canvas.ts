import { layOut, type LaneBox, type Lanes, TimeStrip } from './lanes';
import {
  drawMark,
  drawObjection,
  drawOpenWork,
  hatchPattern,
  OVERHANG,
  type Palette,
  readPalette,
} from './mark-painter';
import type { Mark } from './marks';
import { OpenWorks } from './open-works';
import { ProcessHistory } from './process-history';
import { Ring } from './ring';

/** Two lanes at 1,000 events a second for the longest window, and some more. */
const KEPT_MARKS = 40_000;
const KEPT_EARLY = 4000;
/** So much of a frame may go into marks; what is left over waits for the next frame. */
const BUDGET_MILLIS = 5;
const CHECK_BUDGET_EVERY = 64;
const GRID_MILLIS = 5000;
const BETWEEN_CROSSES_PIXELS = 12;

function windowMillisFor(cssWidth: number): number {
  return cssWidth >= 700 ? 30_000 : cssWidth >= 480 ? 20_000 : 12_000;
}

/**
 * The marks of the last seconds. They are drawn once, on a strip that time goes round on; a frame
 * copies the strip and adds what is new.
 */
export class TimelineCanvas {
  readonly marks = new Ring<Mark>(KEPT_MARKS);
  readonly history = new ProcessHistory();
  readonly openWorks = new OpenWorks();
  lanes: Lanes = layOut([]);
  private readonly boxes = new Map<string, LaneBox>();
  private readonly strip = document.createElement('canvas');
  private readonly stripContext = this.strip.getContext('2d')!;
  private readonly context: CanvasRenderingContext2D;
  private time = new TimeStrip(1, 30_000, 0);
  private scale = 1;
  private palette: Palette | null = null;
  private hatch: CanvasPattern | string = '';
  private paintedColumn = 0;
  private nextMark = 0;
  private early: Mark[] = [];
  /** The last column of each lane that has a cross, as many at one place are none. */
  private readonly crossed = new Map<LaneBox, number>();
  private stale = true;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly isChosen: (product: number) => boolean,
  ) {
    this.context = canvas.getContext('2d')!;
  }

  get windowMillis(): number {
    return this.time.windowMillis;
  }

  /** Everything has to be drawn anew, because it looks different from now on. */
  invalidate(): void {
    this.stale = true;
  }

  repaintWithTheme(): void {
    this.palette = null;
    this.invalidate();
  }

  setNodes(nodes: readonly number[]): void {
    this.lanes = layOut(nodes);
    this.boxes.clear();
    for (const box of this.lanes.boxes) {
      this.boxes.set(`${box.lane} ${box.node}`, box);
    }
    this.resize(this.canvas.clientWidth);
  }

  resize(cssWidth: number): void {
    this.scale = window.devicePixelRatio;
    const width = Math.max(1, Math.round(cssWidth * this.scale));
    const height = Math.max(1, Math.round(this.lanes.height * this.scale));
    this.time = new TimeStrip(width, windowMillisFor(cssWidth), Math.ceil(OVERHANG * this.scale));
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.style.height = `${this.lanes.height}px`;
    this.strip.width = this.time.length;
    this.strip.height = height;
    this.hatch = hatchPattern(this.stripContext, this.colours, this.scale);
    this.invalidate();
  }

  private get colours(): Palette {
    if (this.palette === null) {
      this.palette = readPalette();
      this.hatch = hatchPattern(this.stripContext, this.palette, this.scale);
    }
    return this.palette;
  }

  /** Shows the window that ends at a time. */
  paint(now: number): void {
    const column = this.time.column(now);
    if (
      this.stale ||
      column - this.paintedColumn > this.time.width ||
      column < this.paintedColumn
    ) {
      this.startAnew(column);
    }
    this.wipe(column);
    this.drawDueMarks(now);
    this.copy(column);
    this.drawOpenWorks(now, column);
  }

  private startAnew(column: number): void {
    this.stale = false;
    this.stripContext.clearRect(0, 0, this.strip.width, this.strip.height);
    this.paintedColumn = column - this.time.width - this.time.lead;
    this.nextMark = this.marks.first;
    this.early = [];
    this.crossed.clear();
  }

  /** Empties the place of the columns that begin now, and draws what is behind the marks. */
  private wipe(column: number): void {
    const { time, stripContext: context } = this;
    const from = this.paintedColumn + time.lead;
    const width = column - this.paintedColumn;
    this.paintedColumn = column;
    if (width <= 0) {
      return;
    }
    for (const { at, width: part, offset } of time.stretches(from, width)) {
      context.clearRect(at, 0, part, this.strip.height);
      this.drawGround(from + offset, part, at);
    }
  }

  private drawGround(from: number, width: number, at: number): void {
    const { stripContext: context, time, scale, colours } = this;
    const begin = from / time.pixelsPerMilli;
    const end = (from + width) / time.pixelsPerMilli;
    context.fillStyle = colours.line;
    const firstGrid = Math.ceil(begin / GRID_MILLIS) * GRID_MILLIS;
    for (let grid = firstGrid; grid < end; grid += GRID_MILLIS) {
      const column = time.column(grid);
      if (column >= from && column < from + width) {
        context.fillRect(at + column - from, 0, 1, this.strip.height);
      }
    }
    for (const box of this.lanes.boxes) {
      context.fillStyle = colours.line;
      context.fillRect(at, (box.top + box.height) * scale - scale, width, scale);
      for (const idle of this.history.idle(box.node, begin, end)) {
        const x = Math.max(from, time.column(idle.begin));
        const until = Math.min(from + width, time.column(idle.end) + 1);
        context.fillStyle = this.hatch;
        context.fillRect(at + x - from, (box.top + 2) * scale, until - x, (box.height - 4) * scale);
      }
    }
  }

  private drawDueMarks(now: number): void {
    const waiting = this.early;
    this.early = [];
    const deadline = performance.now() + BUDGET_MILLIS;
    this.nextMark = Math.max(this.nextMark, this.marks.first);
    for (const mark of waiting) {
      this.drawOrKeep(mark, now);
    }
    while (this.nextMark < this.marks.end) {
      if (this.nextMark % CHECK_BUDGET_EVERY === 0 && performance.now() > deadline) {
        return;
      }
      this.drawOrKeep(this.marks.at(this.nextMark++)!, now);
    }
  }

  private drawOrKeep(mark: Mark, now: number): void {
    if (mark.end <= now) {
      this.draw(mark, now);
    } else if (this.early.length < KEPT_EARLY) {
      this.early.push(mark);
    }
  }

  private draw(mark: Mark, now: number): void {
    const { time, stripContext } = this;
    const box = this.boxes.get(`${mark.lane} ${mark.node}`);
    const oldest = now - time.windowMillis;
    if (box === undefined || mark.end <= oldest) {
      return;
    }
    const from = time.column(Math.max(mark.begin, oldest));
    const width = time.column(mark.end) - from;
    const x = time.place(from);
    const places = [x];
    if (x + width + time.lead > time.length) {
      places.push(x - time.length);
    }
    if (x < time.lead) {
      places.push(x + time.length);
    }
    const chosen = this.isChosen(mark.product);
    const crossed = mark.wrong !== null && this.takeCross(box, from + width);
    for (const place of places) {
      drawMark(stripContext, this.colours, mark, box, place, width, this.scale, chosen);
      if (mark.wrong !== null) {
        drawObjection(stripContext, this.colours, box, place + width, this.scale, crossed);
      }
    }
  }

  /** Whether there is room for a cross at a column. */
  private takeCross(box: LaneBox, column: number): boolean {
    const last = this.crossed.get(box) ?? -Infinity;
    if (Math.abs(column - last) < BETWEEN_CROSSES_PIXELS * this.scale) {
      return false;
    }
    this.crossed.set(box, column);
    return true;
  }

  private copy(column: number): void {
    const { context, canvas, strip, time } = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    for (const { at, width, offset } of time.stretches(column - time.width, time.width)) {
      context.drawImage(strip, at, 0, width, strip.height, offset, 0, width, strip.height);
    }
  }
  private drawOpenWorks(now: number, column: number): void {
    const { context, time, scale, colours } = this;
    for (const { kind, node, begin } of this.openWorks.during(now)) {
      const box = this.boxes.get(`tidemark ${node}`);
      if (box !== undefined) {
        const x = Math.max(0, time.width - (column - time.column(begin)));
        drawOpenWork(context, colours, kind, box, x, time.width - x, scale);
      }
    }
  }
}
