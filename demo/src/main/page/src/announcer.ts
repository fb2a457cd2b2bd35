import { byId } from './dom';

const GAP_MILLIS = 1500;
const LONGEST_QUEUE = 4;

/** Speaks through the page's one polite live region, one thing at a time. */
class Announcer {
  private readonly queue: string[] = [];
  private busy = false;

  announce(text: string): void {
    this.queue.push(text);
    if (this.queue.length > LONGEST_QUEUE) {
      this.queue.shift();
    }
    if (!this.busy) {
      this.next();
    }
  }

  private next(): void {
    const text = this.queue.shift();
    this.busy = text !== undefined;
    if (text !== undefined) {
      byId('announcements').textContent = text;
      setTimeout(() => this.next(), GAP_MILLIS);
    }
  }
}

const announcer = new Announcer();

export function announce(text: string): void {
  announcer.announce(text);
}
