/** Keeps the last `capacity` items. */
export class Ring<T> {
  private readonly items: (T | undefined)[];
  private added = 0;

  constructor(readonly capacity: number) {
    this.items = new Array<T | undefined>(capacity);
  }

  /** How many items were ever added. Item numbers run from `first` to `end`, without `end`. */
  get end(): number {
    return this.added;
  }

  get first(): number {
    return Math.max(0, this.added - this.capacity);
  }

  get size(): number {
    return this.added - this.first;
  }

  push(item: T): void {
    this.items[this.added % this.capacity] = item;
    this.added++;
  }

  /** The item with this number; undefined if it is not kept. */
  at(number: number): T | undefined {
    return number < this.first || number >= this.added
      ? undefined
      : this.items[number % this.capacity];
  }

  get newest(): T | undefined {
    return this.at(this.added - 1);
  }

  clear(): void {
    this.items.fill(undefined);
    this.added = 0;
  }

  /** From the oldest to the newest. */
  *[Symbol.iterator](): Iterator<T> {
    for (let number = this.first; number < this.added; number++) {
      yield this.items[number % this.capacity] as T;
    }
  }
}
