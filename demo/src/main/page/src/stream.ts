import type { Events, State } from './protocol';
import type { Store } from './store';

const FIRST_RETRY_MILLIS = 1000;
const LONGEST_RETRY_MILLIS = 10_000;
const SILENCE_MILLIS = 5000;

/** Listens to the server, and starts again when the connection is lost. */
export class Stream {
  private source: EventSource | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private retryMillis = FIRST_RETRY_MILLIS;
  private heardAt = 0;

  constructor(private readonly store: Store) {
    store.on('product', (product) => this.listen(product));
    setInterval(() => this.noticeSilence(), 1000);
  }

  /** Asks for the state, chooses a product, and listens from then on. */
  async start(): Promise<void> {
    try {
      const answer = await fetch('/live/state');
      if (!answer.ok) {
        throw new Error(`The server answered ${answer.status}`);
      }
      const state = (await answer.json()) as State;
      const [product] = state.products;
      this.store.takeState(state);
      if (product === undefined) {
        throw new Error('The load has no products');
      }
      this.retryMillis = FIRST_RETRY_MILLIS;
      this.store.chooseProduct(product);
    } catch {
      this.startLater(() => void this.start());
    }
  }

  private listen(product: number): void {
    clearTimeout(this.retry);
    this.source?.close();
    const source = new EventSource(`/live/events?product=${product}`);
    this.source = source;
    source.onopen = () => {
      this.retryMillis = FIRST_RETRY_MILLIS;
      this.store.clock.reset();
      this.heard();
    };
    source.onerror = () => {
      this.store.takeConnection('lost');
      if (source.readyState === EventSource.CLOSED) {
        this.startLater(() => this.listen(product));
      }
    };
    this.hear(source, 'state', (state) => this.store.takeState(state));
    this.hear(source, 'totals', (totals) => this.store.takeTotals(totals));
    this.hear(source, 'slot', (slot) => this.store.takeSlot(slot));
    for (const topic of ['calls', 'work', 'log', 'lost'] as const) {
      this.hear(source, topic, (news) => this.store.publish(topic, news));
    }
  }

  private hear<K extends keyof Events>(
    source: EventSource,
    topic: K,
    take: (news: Events[K]) => void,
  ): void {
    source.addEventListener(topic, (event) => {
      this.heard();
      take(JSON.parse((event as MessageEvent<string>).data) as Events[K]);
    });
  }

  private heard(): void {
    this.heardAt = performance.now();
    this.store.takeConnection('live');
  }

  private noticeSilence(): void {
    if (this.store.connection === 'live' && performance.now() - this.heardAt > SILENCE_MILLIS) {
      this.store.takeConnection('silent');
    }
  }

  private startLater(again: () => void): void {
    this.store.takeConnection('lost');
    clearTimeout(this.retry);
    this.retry = setTimeout(again, this.retryMillis);
    this.retryMillis = Math.min(2 * this.retryMillis, LONGEST_RETRY_MILLIS);
  }
}
