import { announce } from './announcer';
import { byId, create } from './dom';
import { clockTime } from './format';
import type { LogLine } from './protocol';
import type { Store } from './store';

const KEPT_LINES = 200;
const FLUSH_MILLIS = 250;

const KIND_NAMES: Record<LogLine['kind'], string> = {
  action: 'Action',
  event: 'Event',
  wrong: 'Wrong',
};

function row(line: LogLine): HTMLLIElement {
  return create(
    'li',
    { class: `log-${line.kind}` },
    create('time', { datetime: new Date(line.at).toISOString() }, clockTime(line.at)),
    create('span', { class: 'log-kind' }, KIND_NAMES[line.kind]),
    create('span', { class: 'log-text' }, line.text),
  );
}

/** What happened, in words, the newest first. */
export function startLog(store: Store): void {
  const list = byId('log');
  let waiting: LogLine[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = (): void => {
    timer = undefined;
    const scrolled = list.scrollTop > 4;
    const heightBefore = list.scrollHeight;
    list.prepend(...waiting.slice(-KEPT_LINES).reverse().map(row));
    waiting = [];
    if (scrolled) {
      list.scrollTop += list.scrollHeight - heightBefore;
    }
    while (list.childElementCount > KEPT_LINES) {
      list.lastElementChild!.remove();
    }
  };

  store.on('log', (line) => {
    waiting.push(line);
    if (waiting.length > KEPT_LINES) {
      waiting.shift();
    }
    if (line.kind === 'action') {
      announce(line.text);
    }
    timer ??= setTimeout(flush, FLUSH_MILLIS);
  });
}
