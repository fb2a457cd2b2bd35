/** How fast a count grew between two looks; null if it is unknown or was set back. */
export function perSecond(
  before: number | null | undefined,
  after: number | null | undefined,
  millis: number,
): number | null {
  if (before === null || before === undefined || after === null || after === undefined) {
    return null;
  }
  return millis <= 0 || after < before ? null : (1000 * (after - before)) / millis;
}
