import { announceAtOnce } from './announcer';
import { byId, create, createSvg } from './dom';
import { explain } from './explain';
import { clientLetter } from './format';
import { everyFrame } from './frames';
import { laneAt, type LaneBox } from './lanes';
import { describe, isNotable, type Mark, markOfCall, markOfWork } from './marks';
import type { Lane } from './protocol';
import type { Store } from './store';
import { onTheme } from './theme';
import { TimelineCanvas } from './timeline-canvas';
import { startTimelineTable } from './timeline-table';
import { colourOf } from './versions';

/** The timeline is so much behind, so that calls that end now are there when their time comes. */
const DELAY_MILLIS = 800;
const REACH_PIXELS = 8;
const LEGEND_VERSIONS = 5;

const LEGEND: readonly { text: string; draw: (svg: SVGSVGElement) => void }[] = [
  { text: 'read from the cache', draw: (svg) => svg.append(rect(7, 6, 2, 9)) },
  { text: 'after a wait', draw: (svg) => svg.append(rect(1, 8, 14, 2), rect(13, 5, 2, 10)) },
  { text: 'from the database', draw: (svg) => svg.append(rect(2, 4, 12, 11)) },
  {
    text: 'write',
    draw: (svg) => svg.append(rect(6.5, 2, 3, 13), path('M3 2h10l-5 6z', 'fill')),
  },
  {
    text: 'refused write',
    draw: (svg) => svg.append(path('M3.5 3.5h9v9h-9zM5.5 5.5l5 5M10.5 5.5l-5 5', 'stroke')),
  },
  { text: 'wrong answer', draw: (svg) => svg.append(path('M4 4l8 8M12 4l-8 8', 'wrong')) },
  {
    text: 'failed',
    draw: (svg) => svg.append(createSvg('circle', { cx: 8, cy: 8, r: 3.5, class: 'stroke' })),
  },
];

function rect(x: number, y: number, width: number, height: number): SVGElement {
  return createSvg('rect', { x, y, width, height, class: 'fill' });
}

function path(d: string, style: string): SVGElement {
  return createSvg('path', { d, class: style });
}

function legend(): HTMLElement {
  const list = create('ul', { class: 'legend' });
  for (const { text, draw } of LEGEND) {
    const svg = createSvg('svg', {
      viewBox: '0 0 16 16',
      width: 16,
      height: 16,
      'aria-hidden': 'true',
    });
    draw(svg);
    list.append(create('li', {}, svg, text));
  }
  list.append(create('li', {}, create('span', { class: 'hatch-sample' }), 'process stopped'));
  return list;
}

class Timeline {
  private readonly versions = create('p', { class: 'version-order' });
  private readonly labels = create('div', { class: 'lane-labels' });
  private readonly canvas = create('canvas', { 'aria-hidden': 'true' });
  private readonly tooltip = create('div', { class: 'tooltip', hidden: '' });
  private readonly pointer = create('div', { class: 'mark-pointer', hidden: '' });
  private readonly held = create('p', { class: 'held', hidden: '' }, 'Held while you look');
  private readonly plot = create(
    'div',
    {
      class: 'plot',
      tabindex: '0',
      role: 'application',
      'aria-roledescription': 'timeline',
      'aria-label': 'Marks of all processes. Arrow keys go from mark to mark, Enter explains.',
    },
    this.canvas,
    this.pointer,
    this.tooltip,
    this.held,
  );
  private readonly axis = create('div', { class: 'axis', 'aria-hidden': 'true' });
  readonly painted = new TimelineCanvas(this.canvas, (product) => product === this.store.product);
  private heldAt: number | null = null;
  private selected: Mark | null = null;

  constructor(private readonly store: Store) {
    byId('timeline').append(
      create('div', { class: 'timeline-legend' }, legend(), this.versions),
      create('div', { class: 'timeline-frame' }, this.labels, this.plot, this.axis),
    );
    this.listen();
    this.react();
    everyFrame(this.plot, () => this.painted.paint(this.heldAt ?? this.liveTime));
    setInterval(() => this.showVersions(), 500);
  }

  private get liveTime(): number {
    return this.store.clock.now() - DELAY_MILLIS;
  }

  private listen(): void {
    const { store, painted } = this;
    store.on('calls', (calls) => {
      for (const call of calls) {
        painted.marks.push(markOfCall(call, (...of) => store.versions.position(...of)));
      }
    });
    store.on('work', (works) => {
      for (const work of works) {
        painted.openWorks.take(work);
        const mark = markOfWork(work);
        if (mark !== null) {
          painted.marks.push(mark);
        }
      }
    });
    store.on('state', ({ nodes, now }) => {
      for (const { node, state } of nodes) {
        painted.history.observe(node, state, now);
        if (state === 'stopped' || state === 'starting') {
          painted.openWorks.end(node, now);
        }
      }
      this.showLabels(nodes.map(({ node }) => node));
      for (const { node, state } of nodes) {
        for (const label of this.labels.querySelectorAll<HTMLElement>(`[data-node="${node}"]`)) {
          label.dataset['state'] = state;
        }
      }
    });
    store.on('lost', () => painted.openWorks.clear());
    store.on('product', () => painted.invalidate());
    onTheme(() => painted.repaintWithTheme());
    new ResizeObserver(() => {
      painted.resize(this.canvas.clientWidth);
      this.showAxis();
    }).observe(this.plot);
  }

  private showLabels(nodes: readonly number[]): void {
    const key = `${nodes.join()} ${this.store.rivalTitle}`;
    if (this.labels.dataset['key'] === key) {
      return;
    }
    this.labels.dataset['key'] = key;
    this.painted.setNodes(nodes);
    const { lanes } = this.painted;
    const titles = (['tidemark', 'rival'] as const).map((lane) => {
      const title = create('p', { class: `lane-title is-${lane}` }, this.titleOf(lane));
      title.style.top = `${lanes.titles[lane]}px`;
      return title;
    });
    const labels = lanes.boxes.map(({ node, top, height }) => {
      const label = create(
        'p',
        { class: 'lane-label', 'data-node': String(node) },
        create('span', { class: 'letter' }, clientLetter(node)),
        create('span', { class: 'lane-node' }, `Node ${node}`),
      );
      label.style.top = `${top}px`;
      label.style.height = `${height}px`;
      return label;
    });
    this.labels.replaceChildren(...titles, ...labels);
    this.labels.style.height = `${lanes.height}px`;
  }

  private titleOf(lane: Lane): string {
    return lane === 'tidemark' ? 'Tidemark' : this.store.rivalTitle;
  }

  private showAxis(): void {
    const seconds = this.painted.windowMillis / 1000;
    const step = seconds > 15 ? 5 : 3;
    const ticks: HTMLElement[] = [];
    for (let ago = seconds; ago >= 0; ago -= step) {
      const tick = create('span', {}, ago === 0 ? 'now' : `−${ago} s`);
      tick.style.left = `${100 * (1 - ago / seconds)}%`;
      ticks.push(tick);
    }
    this.axis.replaceChildren(...ticks);
  }

  private showVersions(): void {
    const { store, versions } = this;
    const newest =
      store.product === null
        ? []
        : store.versions.newest('tidemark', store.product, LEGEND_VERSIONS);
    const key = newest.map(({ version }) => version).join(' ');
    if (versions.dataset['key'] === key) {
      return;
    }
    versions.dataset['key'] = key;
    versions.replaceChildren(
      create('span', { class: 'quiet' }, 'older'),
      ...newest.map(({ version, position }) =>
        create(
          'span',
          { class: 'version', 'data-colour': String(colourOf(position)), title: version },
          `v${position}`,
        ),
      ),
      create('span', { class: 'quiet' }, 'newer'),
    );
  }

  private react(): void {
    const { plot } = this;
    plot.addEventListener('pointermove', (event) => this.pointAt(event));
    plot.addEventListener('pointerleave', () => {
      if (!this.isReachedByKeys) {
        this.release();
      }
    });
    plot.addEventListener('focus', () => {
      if (this.isReachedByKeys) {
        this.hold();
      }
    });
    plot.addEventListener('blur', () => this.release());
    plot.addEventListener('click', (event) => {
      this.pointAt(event);
      this.explainSelected();
    });
    plot.addEventListener('keydown', (event) => this.pressed(event));
  }

  private get isReachedByKeys(): boolean {
    return this.plot.matches(':focus-visible');
  }

  private hold(): void {
    this.heldAt ??= this.liveTime;
    this.held.hidden = false;
  }

  private release(): void {
    this.heldAt = null;
    this.held.hidden = true;
    this.select(null);
  }

  private explainSelected(): void {
    if (this.selected !== null) {
      const { product } = this.selected;
      this.release();
      explain(product);
    }
  }

  /** Where a time is, in pixels of the plot. */
  private xOf(time: number): number {
    const { windowMillis } = this.painted;
    return this.canvas.clientWidth * (1 - ((this.heldAt ?? this.liveTime) - time) / windowMillis);
  }

  private isVisible(mark: Mark): boolean {
    const now = this.heldAt ?? this.liveTime;
    return mark.end <= now && mark.end > now - this.painted.windowMillis;
  }

  private isChosen(mark: Mark): boolean {
    return mark.product === this.store.product;
  }

  private pointAt(event: MouseEvent): void {
    this.hold();
    const bounds = this.plot.getBoundingClientRect();
    const x = event.clientX - bounds.left;
    const box = laneAt(this.painted.lanes, event.clientY - bounds.top);
    this.select(box === undefined ? null : this.nearest(box, x));
  }

  private nearest(box: LaneBox, x: number): Mark | null {
    let found: Mark | null = null;
    let best = REACH_PIXELS;
    for (const mark of this.painted.marks) {
      if (mark.node !== box.node || mark.lane !== box.lane || !this.isVisible(mark)) {
        continue;
      }
      const distance = Math.max(this.xOf(mark.begin) - x, x - this.xOf(mark.end), 0);
      const favour =
        (mark.wrong !== null ? 4 : isNotable(mark) ? 2 : 0) + (this.isChosen(mark) ? 2 : 0);
      if (distance <= REACH_PIXELS && distance - favour < best) {
        best = distance - favour;
        found = mark;
      }
    }
    return found;
  }

  private select(mark: Mark | null): void {
    this.selected = mark;
    this.tooltip.hidden = mark === null;
    this.pointer.hidden = mark === null;
    const box = this.painted.lanes.boxes.find(
      (lane) => lane.lane === mark?.lane && lane.node === mark.node,
    );
    if (mark === null || box === undefined) {
      return;
    }
    const lines = describe(mark, this.titleOf(mark.lane));
    this.tooltip.replaceChildren(...lines.map((line) => create('p', {}, line)));
    this.tooltip.classList.toggle('is-wrong', mark.wrong !== null);
    const width = this.plot.clientWidth;
    const left = Math.max(0, this.xOf(mark.begin));
    const right = Math.min(width, this.xOf(mark.end));
    this.pointer.style.left = `${left - 3}px`;
    this.pointer.style.width = `${Math.max(2, right - left) + 6}px`;
    this.pointer.style.top = `${box.top}px`;
    this.pointer.style.height = `${box.height}px`;
    const tooltipWidth = this.tooltip.offsetWidth;
    this.tooltip.style.left = `${Math.min(Math.max(0, right - tooltipWidth / 2), width - tooltipWidth)}px`;
    const above = box.top - this.tooltip.offsetHeight - 6;
    this.tooltip.style.top = `${above >= -40 ? above : box.top + box.height + 6}px`;
  }

  private pressed(event: KeyboardEvent): void {
    switch (event.key) {
      case 'ArrowLeft':
        this.step(-1);
        break;
      case 'ArrowRight':
        this.step(1);
        break;
      case 'ArrowUp':
        this.changeLane(-1);
        break;
      case 'ArrowDown':
        this.changeLane(1);
        break;
      case 'Enter':
      case ' ':
        this.explainSelected();
        break;
      case 'Escape':
        this.plot.blur();
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  /** The marks of a lane that the keys go to, in the order of time. */
  private stops(box: LaneBox): Mark[] {
    return [...this.painted.marks]
      .filter(
        (mark) =>
          mark.node === box.node &&
          mark.lane === box.lane &&
          this.isVisible(mark) &&
          (isNotable(mark) || this.isChosen(mark)),
      )
      .sort((one, other) => one.end - other.end);
  }

  private selectByKey(mark: Mark): void {
    this.select(mark);
    announceAtOnce(describe(mark, this.titleOf(mark.lane)).join('. '));
  }

  private step(by: -1 | 1): void {
    const { selected, painted } = this;
    if (selected === null) {
      for (const box of painted.lanes.boxes) {
        const newest = this.stops(box).at(-1);
        if (newest !== undefined) {
          this.selectByKey(newest);
          return;
        }
      }
      return;
    }
    const box = painted.lanes.boxes.find(
      ({ lane, node }) => lane === selected.lane && node === selected.node,
    );
    if (box !== undefined) {
      const stops = this.stops(box);
      const next = stops[stops.indexOf(selected) + by];
      if (next !== undefined) {
        this.selectByKey(next);
      }
    }
  }

  private changeLane(by: -1 | 1): void {
    const { selected } = this;
    if (selected === null) {
      this.step(by);
      return;
    }
    const { boxes } = this.painted.lanes;
    let place = boxes.findIndex(
      ({ lane, node }) => lane === selected.lane && node === selected.node,
    );
    for (place += by; place >= 0 && place < boxes.length; place += by) {
      const [closest] = this.stops(boxes[place]!).sort(
        (one, other) => Math.abs(one.end - selected.end) - Math.abs(other.end - selected.end),
      );
      if (closest !== undefined) {
        this.selectByKey(closest);
        return;
      }
    }
  }
}

/** One lane for each process and cache, in which time runs to the left. */
export function startTimeline(store: Store): void {
  const timeline = new Timeline(store);
  startTimelineTable(store, timeline.painted.marks);
}
