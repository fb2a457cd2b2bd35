import { announce } from './announcer';
import { byId, create, setText } from './dom';
import { actions, type Act } from './protocol';
import { act, post } from './requests';
import type { Store } from './store';

const OFFERS: readonly { name: Act['name']; title: string; text: string }[] = [
  {
    name: 'late-write',
    title: 'Late write',
    text: 'A process reads a row, is stopped, outlives its lock, and stores the old row after a newer one.',
  },
  {
    name: 'eviction',
    title: 'Eviction',
    text: 'The same, and meanwhile Redis loses the newer entry: there is nothing to compare with.',
  },
];

export function isOver(shown: Act): boolean {
  return shown.taken >= shown.steps.length || shown.failure !== null;
}

/** What the button that goes on says. */
export function nextLabel(shown: Act): string {
  if (isOver(shown)) {
    return `Play it again with seed ${shown.seed}`;
  }
  const step = `step ${shown.taken + 1} of ${shown.steps.length}`;
  return shown.stepping ? `Under way: ${step}` : `Next: ${step}`;
}

/** Plays the sequences that break caches, one step at a time. */
export function startAct(store: Store): void {
  const refusal = create('p', { class: 'refusal' });
  const seed = create('input', {
    type: 'number',
    id: 'seed',
    min: '0',
    max: '2147483647',
    step: '1',
    inputmode: 'numeric',
    placeholder: 'any',
  });
  const begins = OFFERS.map(({ name, title, text }) => {
    const button = create(
      'button',
      { type: 'button', class: 'primary' },
      `Begin ${title.toLowerCase()}`,
    );
    button.addEventListener('click', () => {
      const chosen = seed.value === '' ? null : Number(seed.value);
      void take(button, name, 1, chosen);
    });
    return create('li', {}, create('h3', {}, title), create('p', { class: 'hint' }, text), button);
  });
  const offers = create(
    'div',
    { class: 'act-offers' },
    create(
      'p',
      { class: 'hint' },
      'Two sequences of events that break caches, step by step, with both caches side by side.',
    ),
    create('ul', {}, ...begins),
    create(
      'p',
      { class: 'seed' },
      create('label', { for: 'seed' }, 'Seed, to see one again'),
      seed,
    ),
  );

  const title = create('h3', {});
  const steps = create('ol', { class: 'act-steps' });
  const disturbance = create('p', { class: 'act-disturbance' });
  const failure = create('p', { class: 'act-failure' });
  const outcome = create('dl', { class: 'act-outcome', hidden: '' });
  const next = create('button', { type: 'button', class: 'primary' });
  const end = create('button', { type: 'button' });
  const stage = create(
    'div',
    { class: 'act-stage', hidden: '' },
    title,
    steps,
    disturbance,
    failure,
    outcome,
    create('div', { class: 'buttons' }, next, end),
  );
  byId('act').append(offers, stage, refusal);

  let dismissed: Act | null = null;
  let shownTaken = -1;
  let followsFocus = false;

  const take = (
    button: HTMLButtonElement,
    name: Act['name'],
    step: number,
    chosen: number | null,
  ) =>
    act(button, refusal, async () => {
      dismissed = null;
      followsFocus = true;
      await post(actions.act(name, step, chosen));
    });

  const showSteps = (shown: Act): void => {
    steps.replaceChildren(
      ...shown.steps.map((step, place) => {
        const item = create('li', {}, create('h4', {}, step.title));
        if (place < shown.taken) {
          item.append(create('p', {}, step.text));
        }
        item.className =
          place >= shown.taken ? 'is-ahead' : place === shown.taken - 1 ? 'is-now' : 'is-past';
        if (place === shown.taken - 1) {
          item.setAttribute('aria-current', 'step');
        }
        return item;
      }),
    );
    const now = shown.steps[shown.taken - 1];
    if (now !== undefined && shown.taken !== shownTaken) {
      announce(`Step ${shown.taken} of ${shown.steps.length}: ${now.title}. ${now.text}`);
      const item = steps.children[shown.taken - 1] as HTMLElement;
      steps.scrollTop = item.offsetTop;
    }
    shownTaken = shown.taken;
  };

  const showDisturbance = (shown: Act): void => {
    const text =
      shown.disturbances.length === 0
        ? ''
        : `${shown.disturbances.join(' ')} This was not part of the act, so its outcome may mean nothing.`;
    tell(disturbance, text);
  };

  const showFailure = (shown: Act): void => {
    const text =
      shown.failure === null
        ? ''
        : `Step ${shown.taken + 1} failed, and the act is over. ${shown.failure}`;
    tell(failure, text);
  };

  const tell = (place: HTMLElement, text: string): void => {
    if (setText(place, text) && text !== '') {
      announce(text);
    }
  };

  const showOutcome = (shown: Act): void => {
    outcome.hidden = shown.outcome === null;
    if (shown.outcome !== null) {
      outcome.replaceChildren(
        ...[shown.outcome.tidemark, shown.outcome.rival].map(({ title, wrong, text }) =>
          create(
            'div',
            { class: wrong > 0 ? 'is-wrong' : '' },
            create('dt', {}, title),
            create('dd', {}, text),
          ),
        ),
      );
    }
  };

  const show = (): void => {
    const shown = store.state?.act ?? null;
    const visible = shown !== null && shown.number !== dismissed?.number ? shown : null;
    const swapped = stage.hidden === (visible !== null);
    offers.hidden = visible !== null;
    stage.hidden = visible === null;
    if (visible !== null) {
      setText(title, `${visible.title}, seed ${visible.seed}`);
      showSteps(visible);
      showDisturbance(visible);
      showFailure(visible);
      showOutcome(visible);
      setText(next, nextLabel(visible));
      setText(end, isOver(visible) ? 'Close the act' : 'End the act');
    } else {
      shownTaken = -1;
    }
    if (swapped && followsFocus) {
      followsFocus = false;
      (visible === null ? begins[0]!.querySelector('button')! : next).focus();
    }
  };

  next.addEventListener('click', () => {
    const shown = store.state?.act;
    if (shown) {
      const again = isOver(shown);
      void take(next, shown.name, again ? 1 : shown.taken + 1, again ? shown.seed : null);
    }
  });
  end.addEventListener('click', () => {
    const shown = store.state?.act;
    followsFocus = true;
    if (shown && isOver(shown)) {
      dismissed = shown;
      seed.value = String(shown.seed);
      show();
    } else {
      void act(end, refusal, async () => {
        await post(actions.endAct());
      });
    }
  });
  store.on('state', show);
}
