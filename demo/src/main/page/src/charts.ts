import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { byId, create } from './dom';
import { clientLetter, clockTime, count, NOTHING } from './format';
import { whileOpen } from './frames';
import type { Totals } from './protocol';
import { perSecond } from './rate';
import { Ring } from './ring';
import { wrongAnswers } from './scoreboard';
import type { Store } from './store';
import { colour, onTheme } from './theme';

/** Five minutes, two points a second. */
const KEPT_POINTS = 600;
const SHORTEST_SECONDS = 20;
const TABLE_ROWS = 12;

interface Series {
  label: string;
  colour: string;
  width?: number;
  dash?: number[];
  fill?: string;
}

/** The first number is the time in seconds. */
type Point = readonly [number, ...(number | null)[]];

/** From the first point to the last. Without points, the ends are not finite or null. */
function rangeOf(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || !Number.isFinite(max - min)) {
    return [0, SHORTEST_SECONDS];
  }
  return [Math.min(min, max - SHORTEST_SECONDS), max];
}

class Chart {
  private readonly points = new Ring<Point>(KEPT_POINTS);
  private readonly box: HTMLElement;
  private plot: uPlot | null = null;
  private visible = false;
  private drawn = -1;

  constructor(
    private readonly name: string,
    private readonly title: string,
    private readonly unit: string,
    private series: Series[],
  ) {
    this.box = byId(`${name}-chart`);
    this.box.setAttribute('role', 'img');
    this.box.setAttribute('aria-label', `${title}. The table beside it has the numbers.`);
    this.build();
    new ResizeObserver(() => {
      this.plot?.setSize(this.size);
    }).observe(this.box);
    new IntersectionObserver((entries) => {
      this.visible = entries.at(-1)?.isIntersecting ?? false;
      this.draw();
    }).observe(this.box);
    onTheme(() => this.plot?.redraw(false));
    this.startTable();
  }

  setSeries(series: Series[]): void {
    const before = this.series.map(({ label }) => label).join();
    if (before !== series.map(({ label }) => label).join()) {
      this.series = series;
      this.build();
    }
  }

  clear(): void {
    this.points.clear();
  }

  add(point: Point): void {
    this.points.push(point);
    this.draw();
  }

  private get size(): { width: number; height: number } {
    const width = this.box.clientWidth || 300;
    return { width, height: Math.round(Math.min(250, Math.max(150, 0.47 * width))) };
  }

  private draw(): void {
    if (this.visible && this.plot !== null && this.points.end !== this.drawn) {
      this.drawn = this.points.end;
      this.plot.setData(this.data());
      if (this.plot.cursor.idx === null || this.plot.cursor.idx === undefined) {
        this.plot.setLegend({ idx: this.points.size - 1 });
      }
    }
  }

  private data(): uPlot.AlignedData {
    const columns: (number | null)[][] = [[], ...this.series.map(() => [])];
    for (const point of this.points) {
      columns.forEach((column, place) => column.push(point[place] ?? null));
    }
    return columns as unknown as uPlot.AlignedData;
  }

  private build(): void {
    this.plot?.destroy();
    const axis = {
      stroke: () => colour('ink-2'),
      font: '12px system-ui, sans-serif',
      grid: { stroke: () => colour('line'), width: 1 },
      ticks: { show: false },
    };
    this.plot = new uPlot(
      {
        ...this.size,
        padding: [8, 8, 0, 0],
        cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
        legend: { live: true },
        scales: {
          x: { time: true, range: (_, min, max) => rangeOf(min, max) },
          y: { range: (_, __, max) => [0, Math.max(1, max || 0) * 1.05] },
        },
        axes: [
          {
            ...axis,
            space: 80,
            size: 28,
            values: (_, splits) => splits.map((split) => clockTime(1000 * split).slice(0, 8)),
          },
          {
            ...axis,
            size: 52,
            space: 32,
            values: (_, splits) =>
              splits.map((split) => (Number.isInteger(split) ? count(split) : String(split))),
          },
        ],
        series: [
          {
            label: 'Time',
            value: (_, value: number | null | undefined) =>
              typeof value === 'number' ? clockTime(1000 * value) : NOTHING,
          },
          ...this.series.map((series) => ({
            label: series.label,
            stroke: () => colour(series.colour),
            width: series.width ?? 2,
            ...(series.dash === undefined ? {} : { dash: series.dash }),
            ...(series.fill === undefined ? {} : { fill: () => colour(series.fill!) }),
            points: { show: false },
            value: (_: uPlot, value: number | null | undefined) =>
              typeof value === 'number' ? `${count(value)}${this.unit}` : NOTHING,
          })),
        ],
      },
      this.data(),
      this.box,
    );
  }

  private startTable(): void {
    const details = byId<HTMLDetailsElement>(`${this.name}-table`);
    const head = create('tr');
    const body = create('tbody');
    const table = create(
      'div',
      { class: 'scrolling', tabindex: '0', role: 'group', 'aria-label': `${this.title}, table` },
      create('table', {}, create('caption', {}, this.title), create('thead', {}, head), body),
    );
    details.append(table);
    whileOpen(details, () => {
      head.replaceChildren(
        ...['Time', ...this.series.map(({ label }) => label)].map((label) =>
          create('th', { scope: 'col' }, label),
        ),
      );
      const newest = [...this.points].slice(-TABLE_ROWS).reverse();
      body.replaceChildren(
        ...newest.map(([at, ...values]) =>
          create(
            'tr',
            {},
            create('td', {}, clockTime(1000 * at)),
            ...this.series.map((_, place) =>
              create(
                'td',
                { class: 'number' },
                values[place] === null || values[place] === undefined
                  ? NOTHING
                  : `${count(values[place])}${this.unit}`,
              ),
            ),
          ),
        ),
      );
    });
  }
}

export function startCharts(store: Store): void {
  const lanes = (): Series[] => [
    { label: store.rivalTitle, colour: 'rival', width: 2, fill: 'rival-soft' },
    { label: 'Tidemark', colour: 'tide', width: 3 },
  ];
  const wrong = new Chart('wrong', 'Wrong answers so far', '', lanes());
  const database = new Chart('database', 'Database reads per second', '/s', [
    { label: 'Without a cache', colour: 'ink-2', dash: [5, 5], width: 1.5 },
    ...lanes(),
  ]);
  const latency = new Chart('latency', '99th percentile of the latency of reads', ' ms', []);
  let before: Totals | null = null;

  store.on('state', ({ nodes }) => {
    wrong.setSeries(lanes());
    database.setSeries([
      { label: 'Without a cache', colour: 'ink-2', dash: [5, 5], width: 1.5 },
      ...lanes(),
    ]);
    latency.setSeries(
      nodes.map(({ node }, place) => ({
        label: `${clientLetter(node)}`,
        colour: `version-${place % 7}`,
        width: 1.5,
        ...(place >= 7 ? { dash: [6, 3] } : {}),
      })),
    );
  });
  store.on('counted anew', () => {
    wrong.clear();
    database.clear();
    before = null;
  });
  store.on('totals', (totals) => {
    const at = totals.at / 1000;
    const { tidemark, rival } = totals.lanes;
    wrong.add([at, wrongAnswers(rival), wrongAnswers(tidemark)]);
    if (before !== null) {
      const millis = totals.at - before.at;
      const lane = before.lanes;
      database.add([
        at,
        perSecond(lane.tidemark.reads, tidemark.reads, millis),
        perSecond(lane.rival.databaseReads, rival.databaseReads, millis),
        perSecond(lane.tidemark.databaseReads, tidemark.databaseReads, millis),
      ]);
    }
    const nodes = store.state?.nodes ?? [];
    latency.add([
      at,
      ...nodes.map(({ node }) => totals.nodes.find((of) => of.node === node)?.p99Millis ?? null),
    ]);
    before = totals;
  });
}
