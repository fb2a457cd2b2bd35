import { announce } from './announcer';
import { byId, setText } from './dom';
import { count } from './format';
import type { Connection, Store } from './store';

const TEXTS: Record<Connection, string> = {
  connecting: 'Connecting…',
  live: 'Live',
  silent: 'No news for some seconds',
  lost: 'Connection lost, trying again',
};
const SHOW_LOSS_MILLIS = 10_000;

/** Tells whether what the page shows is of this moment. */
export function startConnection(store: Store): void {
  const shown = byId('connection');
  let lossUntil = 0;
  let dropped = 0;

  const show = (): void => {
    shown.dataset['connection'] = store.connection;
    document.body.classList.toggle('is-cut-off', store.connection === 'lost');
    const loss = performance.now() < lossUntil ? `; ${count(dropped)} events were skipped` : '';
    setText(shown, TEXTS[store.connection] + loss);
  };

  store.on('connection', (connection) => {
    show();
    if (connection !== 'live') {
      announce(TEXTS[connection]);
    }
  });
  store.on('lost', ({ events }) => {
    dropped = performance.now() < lossUntil ? dropped + events : events;
    lossUntil = performance.now() + SHOW_LOSS_MILLIS;
    show();
    setTimeout(show, SHOW_LOSS_MILLIS + 50);
  });
  show();
}
