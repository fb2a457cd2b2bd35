import { byId } from './dom';

const GAP_MILLIS = 1500;
const LONGEST_QUEUE = 4;

/** Speaks through the page's one polite live region, one thing at a time. */
class Announcer {
  private readonly queue: string[] = [];
  private busy = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  announce(text: string): void {
    this.queue.push(text);
    if (this.queue.length > LONGEST_QUEUE) {
      this.queue.shift();
    }
    if (!this.busy) {
      this.next();
    }
  }

  /** What was to be said before is out of date. */
  announceAtOnce(text: string): void {
    this.queue.length = 0;
    this.say(text);
  }

  private next(): void {
    const text = this.queue.shift();
    this.busy = text !== undefined;
    if (text !== undefined) {
      this.say(text);
    }
  }

  private say(text: string): void {
    this.busy = true;
    byId('announcements').textContent = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.next(), GAP_MILLIS);
  }
}

const announcer = new Announcer();

export function announce(text: string): void {
  announcer.announce(text);
}

/** For what a visitor goes through quickly: only the last of it matters. */
export function announceAtOnce(text: string): void {
  announcer.announceAtOnce(text);
}
