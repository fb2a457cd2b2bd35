import { announce } from './announcer';
import { byId, setText } from './dom';
import { count, NOTHING, plural } from './format';
import type { Lane, LaneTotals } from './protocol';
import type { Store } from './store';

const LANES: readonly Lane[] = ['tidemark', 'rival'];
const ANNOUNCE_EVERY_MILLIS = 60_000;

export function wrongAnswers(totals: LaneTotals): number {
  return totals.old + totals.back;
}

/** What the wrong answers were, in words. */
export function kinds(totals: LaneTotals): string {
  if (wrongAnswers(totals) === 0) {
    return `in ${plural(totals.reads, 'read')}`;
  }
  return `${count(totals.old)} older than a write, ${count(totals.back)} going back`;
}

/** How rarely a read went to the database. */
export function databaseShare(totals: LaneTotals): string {
  const { reads, databaseReads } = totals;
  if (databaseReads === null) {
    return 'database away';
  }
  if (databaseReads === 0 || reads === 0) {
    return '';
  }
  const perRead = reads / databaseReads;
  return perRead >= 1.5 ? `1 in ${count(perRead)} reads` : '';
}

class Cells {
  private readonly number: HTMLElement;

  constructor(private readonly lane: Lane) {
    this.number = byId(`${lane}-wrong`);
  }

  show(totals: LaneTotals): void {
    const wrong = wrongAnswers(totals);
    const text = count(wrong);
    if (setText(this.number, text)) {
      this.number.dataset['digits'] = String(Math.min(text.length, 9));
      this.number.classList.toggle('is-wrong', wrong > 0);
    }
    setText(byId(`${this.lane}-kinds`), kinds(totals));
    setText(byId(`${this.lane}-reads`), count(totals.reads));
    setText(byId(`${this.lane}-database-reads`), count(totals.databaseReads));
    byId(`${this.lane}-database-reads`).dataset['share'] = databaseShare(totals);
    setText(byId(`${this.lane}-failed`), count(totals.failed));
  }
}

export function startScoreboard(store: Store): void {
  const cells = LANES.map((lane) => [lane, new Cells(lane)] as const);
  let announcedAt = 0;
  let announced = '';

  const announceScore = (lanes: Record<Lane, LaneTotals>): void => {
    const text = `Wrong answers: Tidemark ${count(wrongAnswers(lanes.tidemark))}, ${store.rivalTitle} ${count(wrongAnswers(lanes.rival))}`;
    if (text !== announced && performance.now() - announcedAt > ANNOUNCE_EVERY_MILLIS) {
      announced = text;
      announcedAt = performance.now();
      announce(text);
    }
  };

  store.on('totals', ({ lanes }) => {
    for (const [lane, shown] of cells) {
      shown.show(lanes[lane]);
    }
    setText(byId('bar-tidemark'), count(wrongAnswers(lanes.tidemark)));
    setText(byId('bar-rival'), count(wrongAnswers(lanes.rival)));
    announceScore(lanes);
  });
  store.on('state', () => {
    setText(byId('rival-title'), store.rivalTitle);
    setText(byId('bar-rival-title'), store.rivalTitle);
  });
  store.on('counted anew', () => {
    announced = '';
    setText(byId('rival-wrong'), NOTHING);
    setText(byId('bar-rival'), NOTHING);
  });

  const bar = byId('bar-score');
  new IntersectionObserver((entries) => {
    bar.hidden = entries.at(-1)?.isIntersecting ?? true;
  }).observe(byId('tidemark-wrong'));
}
