package io.tidemark.spi;

import java.util.random.RandomGenerator;

/**
 * The fence of a load that elects itself without a lock: a random number from -(2^63-1) to -1. It
 * claims with {@link ClaimMode#IF_FREE} only, so that many keys can be claimed in one round trip
 * where each lock would cost several.
 *
 * <p>A ballot is lower than {@link LockHandle#NO_FENCE}, and so than the fence of every lock.
 * Ballots have no order among themselves; they are only ever compared for equality. Every attempt
 * needs one of its own, drawn just before its claim: under a ballot that an earlier attempt used, a
 * late fill of that attempt passes for the later one's, and may be older than a write in between.
 * One ballot may serve all keys that one attempt claims.
 *
 * <p>Nobody hands out ballots, so two could be equal. With 63 random bits, two of a million ballots
 * that one key sees meet with a probability of 10^-7; only two that are in use at once matter.
 */
public final class Ballot {
  private Ballot() {}

  /**
   * Draws a ballot.
   *
   * @param random a source that no two processes share the state of, such as a {@link
   *     java.security.SecureRandom}; generators that are seeded from the clock may start alike
   */
  public static long draw(RandomGenerator random) {
    return -1 - random.nextLong(Long.MAX_VALUE);
  }

  /** Whether a fence is a ballot. */
  public static boolean isBallot(long fence) {
    return fence < LockHandle.NO_FENCE;
  }

  /**
   * Checks the fence of a claim that is about to be made.
   *
   * @return the fence
   * @throws IllegalArgumentException unless it is a ballot for {@link ClaimMode#IF_FREE}, or the
   *     fence of a lock for any other mode
   */
  public static long checkFor(ClaimMode mode, long fence) {
    checkClaim(fence);
    if (isBallot(fence) != (mode == ClaimMode.IF_FREE)) {
      throw new IllegalArgumentException(
          mode == ClaimMode.IF_FREE
              ? "fence is " + fence + "; a claim IF_FREE needs a ballot, which is negative"
              : "fence is %d; a claim %s needs the fence of a lock, 1 or more"
                  .formatted(fence, mode));
    }
    return fence;
  }

  /**
   * Checks the fence of a claim that was made.
   *
   * @return the fence
   * @throws IllegalArgumentException if it is {@link LockHandle#NO_FENCE} or -2^63
   */
  public static long checkClaim(long fence) {
    if (fence == LockHandle.NO_FENCE || fence == Long.MIN_VALUE) {
      throw new IllegalArgumentException(
          "fence is " + fence + "; it must be a lock's, 1 or more, or a ballot, -(2^63-1) to -1");
    }
    return fence;
  }
}
