import { byId, create, setText } from './dom';
import { explain } from './explain';
import { count, SERVER_TITLES } from './format';
import { actions, type Load, type Server } from './protocol';
import { act, post, postOnClick, setAvailable } from './requests';
import type { Store } from './store';

function group(title: HTMLElement, ...children: HTMLElement[]): HTMLElement {
  return create(
    'div',
    { class: 'control-group', role: 'group', 'aria-labelledby': title.id },
    title,
    ...children,
  );
}

function productControls(store: Store): HTMLElement {
  const refusal = create('p', { class: 'refusal' });
  const change = create('button', { type: 'button' }, 'Change row');
  const evict = create('button', { type: 'button' }, 'Evict entry');
  const ask = create('button', { type: 'button' }, 'Explain');
  postOnClick(change, refusal, () => actions.change(store.product ?? 0));
  postOnClick(evict, refusal, () => actions.evict(store.product ?? 0));
  ask.addEventListener('click', () => explain(store.product ?? 0));
  store.on('product', (product) => {
    change.setAttribute('aria-label', `Change row of product ${product}`);
    evict.setAttribute('aria-label', `Evict entry of product ${product}`);
    ask.setAttribute('aria-label', `Explain product ${product}`);
  });
  return group(
    create(
      'h3',
      { id: 'row-title' },
      'The row and the entry of ',
      create('span', { class: 'product-name' }),
    ),
    create('div', { class: 'buttons' }, change, evict, ask),
    refusal,
  );
}

class ServerRow {
  readonly element: HTMLElement;
  private readonly state = create('span', { class: 'state' });
  private readonly address = create('span', { class: 'quiet' });
  private readonly toggle = create('button', { type: 'button', class: 'small' });
  private server: Server | null = null;

  constructor(private readonly name: Server['name']) {
    const refusal = create('p', { class: 'refusal' });
    const buttons = create('div', { class: 'buttons' }, this.toggle);
    postOnClick(this.toggle, refusal, () => actions.server(name, this.action));
    if (name === 'redis') {
      const flush = create('button', { type: 'button', class: 'small' }, 'Flush Redis');
      postOnClick(flush, refusal, actions.flushRedis);
      buttons.append(flush);
    }
    this.element = create(
      'li',
      {},
      create('span', { class: 'server-name' }, SERVER_TITLES[name]),
      create('span', { class: 'server-state' }, this.state, ' ', this.address),
      buttons,
      refusal,
    );
  }

  private get action(): 'stop' | 'start' {
    return this.server?.state === 'stopped' ? 'start' : 'stop';
  }

  show(server: Server): void {
    this.server = server;
    setText(this.state, server.state);
    this.state.dataset['state'] = server.state;
    setText(this.address, server.address);
    const text = this.action === 'start' ? 'Start' : 'Stop';
    if (setText(this.toggle, text)) {
      this.toggle.setAttribute('aria-label', `${text} ${SERVER_TITLES[this.name]}`);
    }
    setAvailable(this.toggle, server.state === 'running' || server.state === 'stopped');
  }
}

function serverControls(store: Store): HTMLElement {
  const rows = new Map<Server['name'], ServerRow>();
  const list = create('ul', { class: 'servers' });
  store.on('state', ({ servers }) => {
    for (const server of servers) {
      let row = rows.get(server.name);
      if (row === undefined) {
        row = new ServerRow(server.name);
        rows.set(server.name, row);
        list.append(row.element);
      }
      row.show(server);
    }
  });
  return group(create('h3', { id: 'servers-title' }, 'Servers'), list);
}

interface Slider {
  field: keyof Load;
  label: string;
  unit: string;
  max: number;
  step: number;
}

const SLIDERS: readonly Slider[] = [
  { field: 'readsPerSecond', label: 'Reads', unit: 'per second', max: 1000, step: 10 },
  { field: 'writesPerSecond', label: 'Writes', unit: 'per second', max: 50, step: 1 },
  {
    field: 'databaseLatencyMillis',
    label: 'Slow the database by',
    unit: 'ms',
    max: 1000,
    step: 10,
  },
];

function loadControls(store: Store): HTMLElement {
  const refusal = create('p', { class: 'refusal' });
  const sliders = SLIDERS.map(({ field, label, unit, max, step }) => {
    const input = create('input', {
      type: 'range',
      id: `load-${field}`,
      min: '0',
      max: String(max),
      step: String(step),
    });
    const output = create('output', { for: input.id });
    const show = (): void => {
      const text = `${count(Number(input.value))} ${unit}`;
      setText(output, text);
      input.setAttribute('aria-valuetext', text);
    };
    let touched = false;
    input.addEventListener('input', () => {
      touched = true;
      show();
    });
    input.addEventListener('change', () => {
      const load = store.state?.load;
      if (load !== undefined) {
        void act(input, refusal, async () => {
          await post(actions.load({ ...load, [field]: Number(input.value) }));
        }).then((done) => {
          touched = false;
          if (!done) {
            take(store.state?.load ?? load);
          }
        });
      }
    });
    const take = (load: Load): void => {
      if (!touched) {
        input.max = String(Math.max(max, load[field]));
        input.value = String(load[field]);
        show();
      }
    };
    store.on('state', ({ load }) => take(load));
    return create(
      'div',
      { class: 'slider' },
      create('label', { for: input.id }, label),
      output,
      input,
    );
  });
  return group(create('h3', { id: 'load-title' }, 'Load of each cache'), ...sliders, refusal);
}

/** What a visitor can do, apart from the nodes' own buttons. */
export function startControls(store: Store): void {
  byId('controls').append(productControls(store), serverControls(store), loadControls(store));
}
