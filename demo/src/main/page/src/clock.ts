/**
 * The server's time. A message tells a time that has passed when it arrives, so the message that
 * was fastest is the closest to the truth.
 */
export class ServerClock {
  private offset: number | null = null;

  constructor(private readonly local: () => number = () => performance.now()) {}

  observe(serverMillis: number): void {
    const offset = serverMillis - this.local();
    if (this.offset === null || offset > this.offset) {
      this.offset = offset;
    }
  }

  /** Starts anew, because the server may be another one or its clock set. */
  reset(): void {
    this.offset = null;
  }

  now(): number {
    return this.local() + (this.offset ?? Date.now() - this.local());
  }
}
