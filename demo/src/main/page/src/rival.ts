import { byId, create, setText } from './dom';
import { highlight } from './highlight';
import { actions, type State } from './protocol';
import { act, post } from './requests';
import type { Store } from './store';

/** The choice of the rival, and its source. */
export function startRival(store: Store): void {
  const choice = byId<HTMLSelectElement>('rival');
  const refusal = byId('rival-refusal');
  const source = byId('source').querySelector('code')!;
  let shown = '';

  const show = (state: State): void => {
    const names = state.rivals.map((rival) => rival.name).join(' ');
    if (choice.dataset['names'] !== names) {
      choice.dataset['names'] = names;
      choice.replaceChildren(
        ...state.rivals.map((rival) => create('option', { value: rival.name }, rival.title)),
      );
    }
    if (!choice.disabled) {
      choice.value = state.rival;
    }
    const rival = state.rivals.find(({ name }) => name === state.rival);
    if (rival !== undefined && shown !== rival.source) {
      shown = rival.source;
      setText(byId('source-title'), `${rival.title}, in the open`);
      setText(byId('source-text'), rival.text);
      source.replaceChildren(...highlight(rival.source));
    }
  };

  choice.addEventListener('change', () => {
    void act(choice, refusal, async () => {
      await post(actions.rival(choice.value));
    }).then(() => {
      if (store.state !== null) {
        show(store.state);
      }
    });
  });
  store.on('state', show);
}
