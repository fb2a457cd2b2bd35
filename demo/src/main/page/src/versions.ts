import type { Lane } from './protocol';

interface Known {
  version: string;
  position: number;
}

const KEPT_PER_PRODUCT = 64;

/** Versions are whole numbers without leading zeros, and longer than a number is exact. */
export function isOlder(one: string, other: string): boolean {
  return one.length === other.length ? one < other : one.length < other.length;
}

/**
 * Numbers the versions of each product in the order of their age, so that a newer version has a
 * higher position. Each lane writes rows of its own, and is numbered by itself.
 */
export class VersionOrder {
  private readonly known = new Map<string, Known[]>();

  /** The position of a version, from 1, in the order that this page has seen. */
  position(lane: Lane, product: number, version: string): number {
    const key = `${lane} ${product}`;
    let versions = this.known.get(key);
    if (versions === undefined) {
      versions = [];
      this.known.set(key, versions);
    }
    let below = versions.length - 1;
    while (below >= 0 && isOlder(version, versions[below]!.version)) {
      below--;
    }
    const next = versions[below];
    if (next?.version === version) {
      return next.position;
    }
    if (below === versions.length - 1) {
      const position = (next?.position ?? 0) + 1;
      versions.push({ version, position });
      if (versions.length > KEPT_PER_PRODUCT) {
        versions.shift();
      }
      return position;
    }
    // It is older than one that was seen before it, and counts as the next one below.
    return next?.position ?? Math.max(0, versions[0]!.position - 1);
  }

  /** The newest versions of a product, oldest first. */
  newest(lane: Lane, product: number, count: number): readonly Known[] {
    return this.known.get(`${lane} ${product}`)?.slice(-count) ?? [];
  }

  forget(lane: Lane): void {
    for (const key of this.known.keys()) {
      if (key.startsWith(`${lane} `)) {
        this.known.delete(key);
      }
    }
  }
}

/** How many colours the versions go through before the first one comes again. */
export const VERSION_COLOURS = 7;

/** Which colour a position has, from 0. Neighbours in age are neighbours in colour. */
export function colourOf(position: number): number {
  return ((position % VERSION_COLOURS) + VERSION_COLOURS) % VERSION_COLOURS;
}
