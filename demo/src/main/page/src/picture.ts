import { byId, create, createSvg, setText } from './dom';
import { clientLetter, SERVER_TITLES } from './format';
import { everyFrame, isCalm, whileOpen } from './frames';
import { type Leg, legsOf, lockAfter } from './messages';
import {
  between,
  layOutPicture,
  link,
  type PictureLayout,
  type ServerPlace,
} from './picture-layout';
import type { Call, Node, Work } from './protocol';
import type { Store } from './store';
import { colourOf } from './versions';

const POOL = 40;
/** Messages of the chosen product may use all of the pool, others leave so much of it free. */
const FREE_FOR_CHOSEN = 16;
const LEG_MILLIS = 700;
const CALM_LEG_MILLIS = 2000;
/** A node's messages follow each other. What would come later than this is left out. */
const LONGEST_QUEUE_MILLIS = 3000;
/** While nobody looks, no frame takes them. */
const MOST_WAITING = 200;
const SAME_AGAIN_MILLIS = 500;
const HIT_EVERY_MILLIS = 600;
const STATUS_MILLIS = 1200;
const SERVERS_EVERY_MILLIS = 150;
const SERVERS: readonly ServerPlace[] = ['redis', 'zookeeper', 'postgres'];
const SERVER_ROLES: Record<ServerPlace, string> = {
  redis: 'Distributed cache',
  zookeeper: 'ZooKeeper',
  postgres: 'Database',
};

interface Flight {
  leg: Leg;
  place: number;
  begin: number;
  product: number;
  chosen: boolean;
}

/** A message that can be shown again and again. */
class Messenger {
  readonly element: SVGGElement;
  private readonly chip = createSvg('rect', { height: 20, y: -10, rx: 10 });
  private readonly text = createSvg('text', { y: 4, 'text-anchor': 'middle' });
  private readonly cross = createSvg('path', { d: 'M-7 -7L7 7M7 -7L-7 7', class: 'message-cross' });
  flight: Flight | null = null;

  constructor() {
    this.element = createSvg(
      'g',
      { class: 'message', visibility: 'hidden' },
      this.chip,
      this.text,
      this.cross,
    );
  }

  launch(flight: Flight, label: string, colourPlace: number | null): void {
    this.flight = flight;
    const width = label === '' ? 8 : 14 + 6.6 * label.length;
    const height = label === '' ? 8 : 20;
    this.chip.setAttribute('width', String(width));
    this.chip.setAttribute('x', String(-width / 2));
    this.chip.setAttribute('height', String(height));
    this.chip.setAttribute('y', String(-height / 2));
    this.chip.setAttribute('rx', String(height / 2));
    setText(this.text, label);
    this.element.setAttribute('class', `message message-${flight.leg.kind}`);
    this.element.dataset['colour'] = colourPlace === null ? 'none' : String(colourPlace);
    this.element.setAttribute('visibility', 'visible');
    this.showCross(false);
  }

  private showCross(shown: boolean): void {
    const visibility = shown ? 'inherit' : 'hidden';
    if (this.cross.getAttribute('visibility') !== visibility) {
      this.cross.setAttribute('visibility', visibility);
    }
  }

  move(layout: PictureLayout, now: number, legMillis: number): void {
    const { leg, place, begin } = this.flight!;
    const progress = (now - begin) / legMillis;
    if (progress >= 1 || layout.nodes[place] === undefined) {
      this.flight = null;
      this.element.setAttribute('visibility', 'hidden');
      return;
    }
    let share = isCalm() ? 0.5 : progress * progress * (3 - 2 * progress);
    if (leg.refused === true && progress > 0.5) {
      this.showCross(true);
      share = isCalm() ? 0.5 : 0.94 - 0.2 * (progress - 0.5);
    } else if (leg.refused === true) {
      share = isCalm() ? 0.5 : Math.min(0.94, 2 * share);
    }
    const { x, y } = between(link(layout, place, leg.server), leg.there ? share : 1 - share);
    this.element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
  }
}

type Lock = 'held' | 'failed';

/** Below this width of a node, only short texts have room. */
const ROOMY = 96;

function lockText(lock: Lock, otherProduct: number | null, roomy: boolean): string {
  if (otherProduct !== null) {
    const verb = lock === 'held' ? 'lock' : 'waits';
    return `${verb}${roomy ? (lock === 'held' ? ' of' : ' for') : ''} ${otherProduct}`;
  }
  if (lock === 'held') {
    return roomy ? 'has the lock' : 'has lock';
  }
  return roomy ? 'failed, waits' : 'failed';
}

class NodeFigure {
  readonly element: SVGGElement;
  private readonly frame = createSvg('rect', { rx: 6 });
  private readonly letter = createSvg('text', { class: 'picture-letter', 'text-anchor': 'middle' });
  private readonly name = createSvg('text', { class: 'picture-small', 'text-anchor': 'middle' });
  private readonly status = createSvg('text', { class: 'picture-status', 'text-anchor': 'middle' });
  private readonly version = createSvg('rect', { class: 'picture-version', height: 5, rx: 2.5 });
  private process: Node['state'] = 'running';
  private lock: Lock | null = null;
  private lockText = '';
  private readText = '';
  private roomy = true;
  private lockUntil = 0;
  /** Whether it is of another product than the chosen one. */
  private isOther = false;
  /** Whether it still has the lock, or waits for it. */
  private lasts = false;

  constructor(readonly node: number) {
    setText(this.letter, clientLetter(node));
    setText(this.name, `node ${node}`);
    this.element = createSvg(
      'g',
      { class: 'picture-node' },
      this.frame,
      this.letter,
      this.name,
      this.status,
      this.version,
    );
  }

  place({ x, y, width, height }: { x: number; y: number; width: number; height: number }): void {
    const middle = String(x + width / 2);
    this.roomy = width >= ROOMY;
    for (const [name, value] of Object.entries({ x, y, width, height })) {
      this.frame.setAttribute(name, String(value));
    }
    this.letter.setAttribute('x', middle);
    this.letter.setAttribute('y', String(y + 26));
    this.name.setAttribute('x', middle);
    this.name.setAttribute('y', String(y + 42));
    this.status.setAttribute('x', middle);
    this.status.setAttribute('y', String(y + 60));
    this.version.setAttribute('x', String(x + 8));
    this.version.setAttribute('y', String(y + height - 10));
    this.version.setAttribute('width', String(width - 16));
  }

  showProcess(process: Node['state']): void {
    this.process = process;
    this.element.dataset['state'] = process;
    if (process === 'stopped' || process === 'starting') {
      this.forgetLocks();
    }
    this.showStatus();
  }

  /** A lock of the chosen product is more than one of another, and shows for a while. */
  showLock(lock: Lock | null, otherProduct: number | null, now: number): void {
    const isOther = otherProduct !== null;
    if (lock === null) {
      this.lasts = this.lasts && isOther !== this.isOther;
    } else if (!isOther || this.lock === null || this.isOther) {
      this.lock = lock;
      this.isOther = isOther;
      this.lasts = true;
      this.lockUntil = now + STATUS_MILLIS;
      this.lockText = lockText(lock, otherProduct, this.roomy);
      this.showStatus();
    }
  }

  get holdsChosenLock(): boolean {
    return this.lock === 'held' && !this.isOther;
  }

  forgetLocks(): void {
    this.lock = null;
    this.lasts = false;
    this.showStatus();
  }

  showVersion(position: number): void {
    this.version.dataset['colour'] = String(colourOf(position));
    this.readText = `${this.roomy ? 'read ' : ''}v${position}`;
    this.showStatus();
  }

  forgetVersion(): void {
    delete this.version.dataset['colour'];
    this.readText = '';
    this.showStatus();
  }

  /** A status is shown for a while, as the real thing lasts for some milliseconds only. */
  forgetOld(now: number): void {
    if (this.lock !== null && !this.lasts && now > this.lockUntil) {
      this.forgetLocks();
    }
  }

  get statusText(): string {
    if (this.process !== 'running') {
      return this.process;
    }
    return this.lock === null ? this.readText : this.lockText;
  }

  private showStatus(): void {
    setText(this.status, this.statusText);
    this.element.dataset['lock'] = this.lock ?? 'none';
    this.element.classList.toggle('is-other', this.isOther);
  }
}

class ServerFigure {
  readonly element: SVGGElement;
  private readonly frame = createSvg('rect', { rx: 6 });
  private readonly title = createSvg('text', { class: 'picture-title', 'text-anchor': 'middle' });
  private readonly state = createSvg('text', { class: 'picture-small', 'text-anchor': 'middle' });

  constructor(readonly server: ServerPlace) {
    setText(this.title, SERVER_ROLES[server]);
    this.element = createSvg('g', { class: 'picture-server' }, this.frame, this.title, this.state);
  }

  place({ x, y, width, height }: { x: number; y: number; width: number; height: number }): void {
    for (const [name, value] of Object.entries({ x, y, width, height })) {
      this.frame.setAttribute(name, String(value));
    }
    for (const [text, down] of [
      [this.title, 26],
      [this.state, 45],
    ] as const) {
      text.setAttribute('x', String(x + width / 2));
      text.setAttribute('y', String(y + down));
    }
  }

  show(state: string, text: string): void {
    this.element.dataset['state'] = state;
    setText(this.state, state === 'running' ? text : `${SERVER_TITLES[this.server]} ${state}`);
  }

  get text(): string {
    return this.state.textContent ?? '';
  }
}

class Picture {
  private readonly box = byId('picture');
  private readonly links = createSvg('g', { class: 'picture-links' });
  private readonly figures = createSvg('g');
  private readonly svg = createSvg('svg', {
    role: 'img',
    'aria-label':
      'The distributed cache, the clients, ZooKeeper and the database, and messages between them. The table beside it says the same.',
  });
  private readonly servers = new Map(SERVERS.map((server) => [server, new ServerFigure(server)]));
  private readonly messengers = Array.from({ length: POOL }, () => new Messenger());
  private nodes: NodeFigure[] = [];
  private places = new Map<number, number>();
  private lines: { server: ServerPlace; line: SVGLineElement }[] = [];
  private layout: PictureLayout = layOutPicture(600, 0);
  private waiting: Flight[] = [];
  private serversShownAt = 0;
  private readonly busyUntil = new Map<number, number>();
  private readonly shownAt = new Map<string, number>();
  private readonly served = new Map<string, { version: string; position: number }>();

  constructor(private readonly store: Store) {
    for (const server of this.servers.values()) {
      this.figures.append(server.element);
    }
    this.svg.append(this.links, this.figures, ...this.messengers.map(({ element }) => element));
    this.box.append(this.svg);
    setText(byId('picture-pace'), `${LEG_MILLIS / 1000} s`);
    new ResizeObserver(() => this.arrange()).observe(this.box);
    this.listen();
    everyFrame(this.box, (now) => this.frame(now));
    this.startTable();
  }

  private listen(): void {
    const { store } = this;
    store.on('state', ({ nodes, servers }) => {
      this.showNodes(nodes);
      for (const { server, line } of this.lines) {
        const stopped = servers.find(({ name }) => name === server)?.state !== 'running';
        line.classList.toggle('is-cut', stopped);
      }
    });
    store.on('product', () => {
      this.served.clear();
      for (const node of this.nodes) {
        node.forgetVersion();
        node.forgetLocks();
      }
      this.waiting = [];
    });
    store.on('lost', () => {
      for (const node of this.nodes) {
        node.forgetLocks();
      }
    });
    store.on('calls', (calls) => calls.forEach((call) => this.takeCall(call)));
    store.on('work', (works) => works.forEach((work) => this.takeWork(work)));
  }

  private showNodes(nodes: readonly Node[]): void {
    const numbers = nodes.map(({ node }) => node);
    if (numbers.join() !== this.nodes.map(({ node }) => node).join()) {
      for (const { element } of this.nodes) {
        element.remove();
      }
      this.nodes = numbers.map((node) => new NodeFigure(node));
      this.places = new Map(numbers.map((node, place) => [node, place]));
      this.figures.append(...this.nodes.map(({ element }) => element));
      this.lines = numbers.flatMap(() =>
        SERVERS.map((server) => ({ server, line: createSvg('line') })),
      );
      this.links.replaceChildren(...this.lines.map(({ line }) => line));
      this.arrange();
    }
    nodes.forEach(({ state }, place) => {
      this.nodes[place]!.showProcess(state);
    });
  }

  private arrange(): void {
    const width = Math.max(280, this.box.clientWidth);
    this.box.style.minHeight = `${layOutPicture(width, this.nodes.length).height}px`;
    this.layout = layOutPicture(width, this.nodes.length, this.box.clientHeight);
    this.svg.setAttribute('viewBox', `0 0 ${width} ${this.layout.height}`);
    this.svg.setAttribute('width', String(width));
    this.svg.setAttribute('height', String(this.layout.height));
    for (const [server, figure] of this.servers) {
      figure.place(this.layout.servers[server]);
    }
    this.nodes.forEach((node, place) => node.place(this.layout.nodes[place]!));
    this.lines.forEach(({ server, line }, place) => {
      const [from, to] = link(this.layout, Math.floor(place / SERVERS.length), server);
      line.setAttribute('x1', String(from.x));
      line.setAttribute('y1', String(from.y));
      line.setAttribute('x2', String(to.x));
      line.setAttribute('y2', String(to.y));
    });
  }

  private get lockHolder(): string {
    const holder = this.nodes.find((node) => node.holdsChosenLock);
    return holder === undefined ? 'free' : `client ${clientLetter(holder.node)}`;
  }

  private showServers(): void {
    const { state, slot, product } = this.store;
    const newest = this.store.versions.newest('tidemark', product ?? 0, 1)[0];
    const entry = slot === null ? '' : slot.state.toLowerCase();
    const cached =
      slot?.version && product !== null
        ? ` v${this.store.versions.position('tidemark', product, slot.version)}`
        : '';
    const texts: Record<ServerPlace, string> = {
      redis: `product ${product}: ${entry}${cached}`,
      zookeeper: `lock of product ${product}: ${this.lockHolder}`,
      postgres: newest === undefined ? 'rows' : `product ${product}: v${newest.position}`,
    };
    for (const [name, figure] of this.servers) {
      const server = state?.servers.find((of) => of.name === name);
      figure.show(server?.state ?? 'running', texts[name]);
    }
  }

  private takeCall(call: Call): void {
    if (call.lane !== 'tidemark' || call.version === null) {
      return;
    }
    const place = this.places.get(call.node);
    if (place === undefined) {
      return;
    }
    const chosen = call.product === this.store.product;
    if (chosen) {
      const position = this.store.versions.position('tidemark', call.product, call.version);
      this.served.set(`${call.node} ${call.product}`, { version: call.version, position });
      this.nodes[place]!.showVersion(position);
    }
    if (call.kind === 'read' && call.source === 'cache') {
      this.launchNow(
        { server: 'redis', there: false, says: 'version', kind: 'value' },
        place,
        call.product,
        HIT_EVERY_MILLIS,
      );
    }
  }

  private takeWork({ node, product, what }: Work): void {
    const place = this.places.get(node);
    if (place === undefined) {
      return;
    }
    const now = performance.now();
    const chosen = product === this.store.product;
    const lock = lockAfter(what);
    if (lock !== undefined) {
      if (lock === 'held' && chosen) {
        this.nodes.find((other) => other.holdsChosenLock)?.forgetLocks();
      }
      this.nodes[place]!.showLock(lock, chosen ? null : product, now);
    }
    // Of a server that is stopped, a node finds that there is nobody to ask.
    const legs = legsOf(what).filter(({ server }) => this.isRunning(server));
    if (chosen) {
      this.queue(legs, place, product, `${node} ${what}`, now);
    } else if (legs.length > 0) {
      this.launchNow(legs.at(-1)!, place, product, SAME_AGAIN_MILLIS);
    }
  }

  private isRunning(place: ServerPlace): boolean {
    const server = this.store.state?.servers.find(({ name }) => name === place);
    return server?.state === 'running';
  }

  private get legMillis(): number {
    return isCalm() ? CALM_LEG_MILLIS : LEG_MILLIS;
  }

  /** Lets the messages of a node follow each other, so that cause and effect can be seen. */
  private queue(
    legs: readonly Leg[],
    place: number,
    product: number,
    key: string,
    now: number,
  ): void {
    if (legs.length === 0 || now - (this.shownAt.get(key) ?? -Infinity) < SAME_AGAIN_MILLIS) {
      return;
    }
    let begin = Math.max(now, this.busyUntil.get(place) ?? 0);
    if (begin - now > LONGEST_QUEUE_MILLIS || this.waiting.length >= MOST_WAITING) {
      return;
    }
    this.shownAt.set(key, now);
    for (const leg of legs) {
      this.waiting.push({ leg, place, begin, product, chosen: true });
      begin += 0.8 * this.legMillis;
    }
    this.busyUntil.set(place, begin);
  }

  private launchNow(leg: Leg, place: number, product: number, everyMillis: number): void {
    const now = performance.now();
    const key = `${place} ${leg.server} ${leg.there}`;
    if (now - (this.shownAt.get(key) ?? -Infinity) < everyMillis) {
      return;
    }
    const free = this.messengers.filter(({ flight }) => flight === null);
    if (free.length > FREE_FOR_CHOSEN) {
      this.shownAt.set(key, now);
      const chosen = product === this.store.product;
      this.launch(free[0]!, { leg, place, begin: now, product, chosen }, false);
    }
  }

  private launch(messenger: Messenger, flight: Flight, labelled: boolean): void {
    const { leg, place, product, chosen } = flight;
    const served = chosen ? this.served.get(`${this.nodes[place]?.node} ${product}`) : undefined;
    const carries = leg.says === 'version';
    const label = !labelled ? '' : carries ? (served ? `v${served.position}` : 'value') : leg.says;
    messenger.launch(flight, label, carries && served ? colourOf(served.position) : null);
  }

  private frame(now: number): void {
    const due = this.waiting.filter(({ begin }) => begin <= now);
    if (due.length > 0) {
      this.waiting = this.waiting.filter(({ begin }) => begin > now);
      for (const flight of due) {
        const free = this.messengers.find((messenger) => messenger.flight === null);
        if (free !== undefined && now - flight.begin < this.legMillis) {
          this.launch(free, flight, true);
        }
      }
    }
    for (const messenger of this.messengers) {
      if (messenger.flight !== null) {
        messenger.move(this.layout, now, this.legMillis);
      }
    }
    for (const node of this.nodes) {
      node.forgetOld(now);
    }
    if (now - this.serversShownAt > SERVERS_EVERY_MILLIS) {
      this.serversShownAt = now;
      this.showServers();
    }
  }

  private startTable(): void {
    const details = byId<HTMLDetailsElement>('picture-table');
    const servers = create('tbody');
    const nodes = create('tbody');
    const head = (...names: string[]): HTMLElement =>
      create(
        'thead',
        {},
        create('tr', {}, ...names.map((name) => create('th', { scope: 'col' }, name))),
      );
    details.append(
      create(
        'table',
        {},
        create('caption', {}, 'Servers'),
        head('Server', 'What it knows'),
        servers,
      ),
      create(
        'table',
        {},
        create('caption', {}, 'Clients'),
        head('Client', 'State', 'Last version read'),
        nodes,
      ),
    );
    whileOpen(details, () => {
      servers.replaceChildren(
        ...[...this.servers.values()].map((figure) =>
          create(
            'tr',
            {},
            create('td', {}, SERVER_ROLES[figure.server]),
            create('td', {}, figure.text),
          ),
        ),
      );
      nodes.replaceChildren(
        ...this.nodes.map((figure) => {
          const served = this.served.get(`${figure.node} ${this.store.product}`);
          return create(
            'tr',
            {},
            create('td', {}, `${clientLetter(figure.node)}, node ${figure.node}`),
            create('td', {}, figure.statusText),
            create(
              'td',
              {},
              served === undefined ? '–' : `v${served.position} (${served.version})`,
            ),
          );
        }),
      );
    });
  }
}

/** The drawing of the distributed lock, alive. */
export function startPicture(store: Store): void {
  new Picture(store);
}
