import { byId, create, setText } from './dom';
import { clientLetter, count, duration, NOTHING } from './format';
import { actions, type Node, type NodeTotals } from './protocol';
import { postOnClick, setAvailable } from './requests';
import type { Store } from './store';

type NodeAction = Parameters<typeof actions.node>[1];

const FIGURES = ['Hits', 'Loads', 'Waits', 'Refused', 'Median', '99 %'] as const;

/** What each button does in each state of its node; null where there is nothing to do. */
export function buttonsFor(state: Node['state']): readonly (NodeAction | null)[] {
  switch (state) {
    case 'running':
      return ['pause', 'kill', 'expire'];
    case 'paused':
      return ['resume', 'kill', 'expire'];
    case 'stopped':
      return [null, 'start', null];
    case 'starting':
      return [null, 'kill', null];
  }
}

const LABELS: Record<NodeAction, { text: string; object: (node: number) => string }> = {
  pause: { text: 'Pause', object: (node) => `node ${node}` },
  resume: { text: 'Resume', object: (node) => `node ${node}` },
  kill: { text: 'Kill -9', object: (node) => `node ${node}` },
  start: { text: 'Start', object: (node) => `node ${node}` },
  expire: { text: 'Expire session', object: (node) => `of node ${node}` },
};
const WITHOUT_ACTION: readonly NodeAction[] = ['pause', 'kill', 'expire'];

class Row {
  readonly element: HTMLTableRowElement;
  private readonly state = create('span', { class: 'state' });
  private readonly process = create('span', { class: 'quiet' });
  private readonly figures = FIGURES.map((name) =>
    create('td', { role: 'cell', class: 'number', 'data-name': name }, NOTHING),
  );
  private readonly buttons: HTMLButtonElement[] = [];
  private readonly actions: (NodeAction | null)[] = [null, null, null];

  constructor(private readonly node: number) {
    const refusal = create('p', { class: 'refusal' });
    for (let place = 0; place < 3; place++) {
      const button = create('button', { type: 'button', class: 'small' });
      postOnClick(button, refusal, () => actions.node(node, this.actions[place]!));
      this.buttons.push(button);
    }
    this.element = create(
      'tr',
      { role: 'row' },
      create(
        'th',
        { role: 'rowheader', scope: 'row' },
        create('span', { class: 'letter', 'aria-hidden': 'true' }, clientLetter(node)),
        `Node ${node}`,
      ),
      create('td', { role: 'cell', class: 'node-state' }, this.state, ' ', this.process),
      ...this.figures,
      create(
        'td',
        { role: 'cell', class: 'node-buttons' },
        create('div', { class: 'buttons' }, ...this.buttons),
        refusal,
      ),
    );
  }

  showNode({ state, pid }: Node): void {
    setText(this.state, state);
    this.state.dataset['state'] = state;
    setText(this.process, pid === null ? '' : `pid ${pid}`);
    buttonsFor(state).forEach((action, place) => {
      const button = this.buttons[place]!;
      const { text, object } = LABELS[action ?? WITHOUT_ACTION[place]!];
      this.actions[place] = action;
      if (setText(button, text)) {
        button.setAttribute('aria-label', `${text} ${object(this.node)}`);
      }
      setAvailable(button, action !== null);
    });
  }

  showTotals(totals: NodeTotals): void {
    const texts = [
      count(totals.hits),
      count(totals.loads),
      count(totals.waits),
      count(totals.refused),
      duration(totals.medianMillis),
      duration(totals.p99Millis),
    ];
    texts.forEach((text, place) => setText(this.figures[place]!, text));
  }
}

/** What each node counts, and what can be done to it. */
export function startNodes(store: Store): void {
  const rows = new Map<number, Row>();
  const body = create('tbody', { role: 'rowgroup' });
  const heads = ['Node', 'State', ...FIGURES, 'Actions'];
  byId('nodes').append(
    create(
      'table',
      { role: 'table', class: 'nodes-table', 'aria-labelledby': 'nodes-title' },
      create(
        'thead',
        { role: 'rowgroup' },
        create(
          'tr',
          { role: 'row' },
          ...heads.map((head) =>
            create(
              'th',
              {
                role: 'columnheader',
                scope: 'col',
                ...((FIGURES as readonly string[]).includes(head) ? { class: 'number' } : {}),
              },
              head,
            ),
          ),
        ),
      ),
      body,
    ),
  );

  store.on('state', ({ nodes }) => {
    for (const node of nodes) {
      let row = rows.get(node.node);
      if (row === undefined) {
        row = new Row(node.node);
        rows.set(node.node, row);
        body.append(row.element);
      }
      row.showNode(node);
    }
    for (const [number, row] of rows) {
      if (!nodes.some(({ node }) => node === number)) {
        row.element.remove();
        rows.delete(number);
      }
    }
  });
  store.on('totals', ({ nodes }) => {
    for (const node of nodes) {
      rows.get(node.node)?.showTotals(node);
    }
  });
}
