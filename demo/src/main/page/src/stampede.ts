import { announce } from './announcer';
import { byId, create } from './dom';
import { count, duration, plural } from './format';
import { actions, type Stampede } from './protocol';
import { act, post } from './requests';

const TITLES: Record<Stampede['lane'], string> = {
  protected: 'Protected',
  unprotected: 'Unprotected',
};

type Mode = Parameters<typeof actions.stampede>[0];

const BUTTONS: readonly { mode: Mode; text: string; class: string }[] = [
  { mode: 'both', text: 'Stampede, side by side', class: 'primary' },
  { mode: 'protected', text: 'Protected only', class: '' },
  { mode: 'unprotected', text: 'Unprotected only', class: '' },
];

export function sentence(stampede: Stampede): string {
  return (
    `${TITLES[stampede.lane]}: ${plural(stampede.databaseReads, 'database read')} for ` +
    plural(stampede.callers, 'caller')
  );
}

function bar(stampede: Stampede, most: number): HTMLElement {
  const fill = create('div', { class: 'bar-fill' });
  fill.style.width = `${(100 * stampede.databaseReads) / most}%`;
  return create(
    'div',
    { class: `stampede-bar is-${stampede.lane}` },
    create('p', { class: 'stampede-name' }, TITLES[stampede.lane]),
    create(
      'p',
      { class: 'stampede-reads' },
      create('strong', {}, count(stampede.databaseReads)),
      stampede.databaseReads === 1 ? ' database read' : ' database reads',
    ),
    create('div', { class: 'bar-track', 'aria-hidden': 'true' }, fill),
    create(
      'p',
      { class: 'quiet stampede-rest' },
      `mean ${duration(stampede.averageMillis)}, longest ${duration(stampede.maxMillis)}, ` +
        `${count(stampede.failed)} failed`,
    ),
  );
}

function show(stampedes: Stampede[]): void {
  const most = Math.max(1, ...stampedes.map(({ databaseReads }) => databaseReads));
  const [first] = stampedes;
  byId('stampede-result').replaceChildren(
    create(
      'p',
      { class: 'hint' },
      first === undefined
        ? 'Nobody came.'
        : `${plural(first.callers, 'caller')} asked for product ${first.product} at once, and it was not cached.`,
    ),
    ...stampedes.map((stampede) => bar(stampede, most)),
  );
  announce(stampedes.map(sentence).join('. '));
}

/** Many callers ask at once for what is not cached, with Tidemark and without. */
export function startStampede(): void {
  const refusal = create('p', { class: 'refusal' });
  const buttons = BUTTONS.map(({ mode, text, class: style }) => {
    const button = create('button', { type: 'button', class: style }, text);
    button.addEventListener('click', () => {
      void act(button, refusal, async () => {
        show(await post<Stampede[]>(actions.stampede(mode)));
      });
    });
    return button;
  });
  byId('stampede').append(
    create('div', { class: 'buttons' }, ...buttons),
    refusal,
    create('div', { id: 'stampede-result' }),
  );
}
