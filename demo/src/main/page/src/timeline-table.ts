import { byId, create, setText } from './dom';
import { explain } from './explain';
import { clockTime, duration, NOTHING } from './format';
import { whileOpen } from './frames';
import { isNotable, type Mark, objection, operation } from './marks';
import type { Ring } from './ring';
import type { Store } from './store';

const ROWS = 30;
const HEADS = ['Time', 'Node', 'Cache', 'Operation', 'Product', 'Version', 'Took', 'Judge'];

class Row {
  readonly element = create('tr');
  private readonly cells = HEADS.map(() => create('td'));
  private readonly button = create('button', { type: 'button', class: 'small' }, 'Explain');
  private product = 0;

  constructor() {
    this.button.addEventListener('click', () => explain(this.product));
    this.element.append(...this.cells, create('td', {}, this.button));
  }

  show(mark: Mark, rivalTitle: string): void {
    const texts = [
      clockTime(mark.end),
      String(mark.node),
      mark.lane === 'tidemark' ? 'Tidemark' : rivalTitle,
      operation(mark),
      String(mark.product),
      mark.version === null ? NOTHING : `v${mark.position} (${mark.version})`,
      duration(mark.end - mark.begin),
      objection(mark) || (mark.remark ?? NOTHING),
    ];
    texts.forEach((text, place) => setText(this.cells[place]!, text));
    this.element.classList.toggle('is-wrong', mark.wrong !== null);
    if (this.product !== mark.product) {
      this.product = mark.product;
      this.button.setAttribute('aria-label', `Explain product ${mark.product}`);
    }
  }
}

/** The newest marks but ordinary reads, as a table. */
export function startTimelineTable(store: Store, marks: Ring<Mark>): void {
  const details = byId<HTMLDetailsElement>('timeline-table');
  const body = create('tbody');
  const rows: Row[] = [];
  details.append(
    create(
      'div',
      { class: 'scrolling', tabindex: '0', role: 'region', 'aria-label': 'Newest marks' },
      create(
        'table',
        {},
        create(
          'caption',
          {},
          `The last ${ROWS} calls and refusals, except ordinary reads from the cache`,
        ),
        create(
          'thead',
          {},
          create(
            'tr',
            {},
            ...HEADS.map((head) => create('th', { scope: 'col' }, head)),
            create('td'),
          ),
        ),
        body,
      ),
    ),
  );

  whileOpen(details, () => {
    const { rivalTitle } = store;
    let used = 0;
    for (let number = marks.end - 1; number >= marks.first && used < ROWS; number--) {
      const mark = marks.at(number)!;
      if (isNotable(mark)) {
        let row = rows[used];
        if (row === undefined) {
          row = new Row();
          rows.push(row);
          body.append(row.element);
        }
        row.show(mark, rivalTitle);
        used++;
      }
    }
    rows.forEach(({ element }, place) => {
      element.hidden = place >= used;
    });
  });
}
