import { ServerClock } from './clock';
import type { Events, Slot, State, Totals } from './protocol';
import { VersionOrder } from './versions';

export type Connection = 'connecting' | 'live' | 'silent' | 'lost';

/** What the parts of the page tell each other: what the server says, and what the visitor chose. */
export interface Topics extends Events {
  connection: Connection;
  /** Everything is about this product from now on. */
  product: number;
  /** Another rival was chosen, or the server was started again: counts are from 0. */
  'counted anew': void;
}

type Listener<T> = (news: T) => void;

/** The last thing that is known of everything, and who wants to hear of changes. */
export class Store {
  readonly clock = new ServerClock();
  readonly versions = new VersionOrder();
  state: State | null = null;
  totals: Totals | null = null;
  slot: Slot | null = null;
  product: number | null = null;
  connection: Connection = 'connecting';
  private readonly listeners = new Map<keyof Topics, Listener<never>[]>();

  on<K extends keyof Topics>(topic: K, listener: Listener<Topics[K]>): void {
    const listeners = this.listeners.get(topic) ?? [];
    listeners.push(listener as Listener<never>);
    this.listeners.set(topic, listeners);
  }

  publish<K extends keyof Topics>(topic: K, news: Topics[K]): void {
    for (const listener of this.listeners.get(topic) ?? []) {
      (listener as Listener<Topics[K]>)(news);
    }
  }

  takeState(state: State): void {
    const before = this.state;
    this.state = state;
    this.clock.observe(state.now);
    if (before !== null && (before.rival !== state.rival || before.startedAt !== state.startedAt)) {
      this.versions.forget('rival');
      this.publish('counted anew', undefined);
    }
    this.publish('state', state);
  }

  takeTotals(totals: Totals): void {
    this.totals = totals;
    this.clock.observe(totals.at);
    this.publish('totals', totals);
  }

  takeSlot(slot: Slot): void {
    if (slot.product === this.product) {
      this.slot = slot;
      this.publish('slot', slot);
    }
  }

  takeConnection(connection: Connection): void {
    if (connection !== this.connection) {
      this.connection = connection;
      this.publish('connection', connection);
    }
  }

  chooseProduct(product: number): void {
    if (product !== this.product) {
      this.product = product;
      this.slot = null;
      this.publish('product', product);
    }
  }

  /** The title of the rival that is chosen. */
  get rivalTitle(): string {
    const state = this.state;
    return state?.rivals.find((rival) => rival.name === state.rival)?.title ?? 'Rival';
  }
}
