import { byId, create, setText } from './dom';
import { duration, NOTHING } from './format';
import type { Slot } from './protocol';
import type { Store } from './store';
import { colourOf } from './versions';

const STATES: Record<Slot['state'], string> = {
  EMPTY: 'nothing is cached',
  PENDING: 'a load has claimed it',
  VALUE: 'a row is cached',
  ABSENT: 'known to have no row',
  DAMAGED: 'cannot be read',
  UNKNOWN: 'no node can tell',
};

/** How much of its life is left, which goes on between two looks. */
export function remainingMillis(slot: Slot, now: number): number | null {
  return slot.ttlMillis === null ? null : Math.max(0, slot.ttlMillis - Math.max(0, now - slot.at));
}

export function startSlot(store: Store): void {
  const fields = new Map<string, HTMLElement>();
  const list = create('dl', { class: 'slot-fields' });
  for (const name of ['State', 'Version', 'Fence', 'Floor', 'Remaining life']) {
    const value = create('dd', {}, NOTHING);
    fields.set(name, value);
    list.append(create('div', {}, create('dt', {}, name), value));
  }
  const life = create('div', { class: 'slot-life' }, create('div'));
  const lifeBar = life.firstElementChild as HTMLElement;
  const payload = create('pre', {
    class: 'slot-payload',
    tabindex: '0',
    role: 'group',
    'aria-label': 'Payload',
  });
  byId('slot').append(list, life, payload);
  let longestMillis = 1;

  const put = (name: string, text: string): void => {
    const field = fields.get(name)!;
    if (setText(field, text)) {
      field.classList.remove('changed');
      void field.offsetWidth;
      field.classList.add('changed');
    }
  };

  const putLife = (): void => {
    const slot = store.slot;
    const left = slot === null ? null : remainingMillis(slot, store.clock.now());
    setText(
      fields.get('Remaining life')!,
      left === null ? NOTHING : left < 10_000 ? duration(left) : `${Math.ceil(left / 1000)} s`,
    );
    longestMillis = Math.max(longestMillis, left ?? 0);
    lifeBar.style.width = `${(100 * (left ?? 0)) / longestMillis}%`;
  };

  const show = (slot: Slot | null): void => {
    put('State', slot === null ? NOTHING : slot.state);
    const state = fields.get('State')!;
    state.dataset['meaning'] = slot === null ? '' : STATES[slot.state];
    const version = fields.get('Version')!;
    put('Version', slot?.version ?? NOTHING);
    if (slot?.version) {
      const position = store.versions.position('tidemark', slot.product, slot.version);
      version.dataset['label'] = `v${position}`;
      version.dataset['colour'] = String(colourOf(position));
    } else {
      delete version.dataset['label'];
    }
    put('Fence', slot?.fence ?? NOTHING);
    put('Floor', slot?.floor ?? NOTHING);
    setText(
      payload,
      slot === null || slot.payload === null || slot.payload === undefined
        ? 'No payload'
        : JSON.stringify(slot.payload, null, 2),
    );
    putLife();
  };

  store.on('slot', show);
  store.on('product', () => {
    longestMillis = 1;
    show(null);
  });
  setInterval(putLife, 500);
}
