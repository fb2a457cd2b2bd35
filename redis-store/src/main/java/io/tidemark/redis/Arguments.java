package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemark.spi.Ballot;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Builds the ARGV of a script: checks each argument and formats it as the scripts compare it. */
final class Arguments {
  /** Far below the longest expiry that Redis accepts. */
  private static final Duration LONGEST_LIFE = Duration.ofDays(300 * 365);

  private static final byte[] NO_PAYLOAD = {};

  private final List<byte[]> values = new ArrayList<>();

  /**
   * Begins with the argument that every script needs.
   *
   * @param writer as formatted by {@link SlotFormat#writer}
   */
  Arguments(byte[] writer) {
    values.add(writer);
  }

  List<byte[]> values() {
    return values;
  }

  /** Adds the fence of a claim. {@link LockHandle#NO_FENCE} would match slots without a claim. */
  Arguments claimFence(long fence) {
    values.add(SlotFormat.fence(Ballot.checkClaim(fence)));
    return this;
  }

  /** Adds the fence and the mode of a claim that is about to be made. */
  Arguments newClaim(long fence, ClaimMode mode) {
    values.add(SlotFormat.fence(Ballot.checkFor(mode, fence)));
    return word(mode.name());
  }

  Arguments fenceOrNone(long fence) {
    if (fence != LockHandle.NO_FENCE) {
      return claimFence(fence);
    }
    values.add(SlotFormat.fence(fence));
    return this;
  }

  Arguments version(long version) {
    values.add(SlotFormat.version(Version.checkOrNone(version)));
    return this;
  }

  Arguments name(Enum<?> constant) {
    return word(constant.name());
  }

  Arguments claimLife(Duration life) {
    long millis = millis(life);
    if (millis < 1) {
      throw new IllegalArgumentException("claimLife is " + life + "; it must be 1 ms or more");
    }
    return word(Long.toString(millis));
  }

  Arguments number(int number) {
    return word(Integer.toString(number));
  }

  /** Adds the life of a floor, rounded up to 1 ms: zero means no floor. */
  Arguments floorLife(Duration life) {
    if (life.isNegative()) {
      throw new IllegalArgumentException("floorLife is " + life + "; it must be zero or more");
    }
    return word(Long.toString(life.isZero() ? 0 : Math.max(1, millis(life))));
  }

  /** Adds the six arguments that row_of in slot.lua reads. */
  Arguments row(EncodedRow row, Lifetime lifetime) {
    boolean isPresent = row instanceof EncodedRow.Present;
    word(isPresent ? "VALUE" : "ABSENT");
    version(row.version());
    values.add(payload(row));
    values.add(SlotFormat.loadTime(row.loadTime()));
    long fresh = millis(lifetime.fresh());
    return word(Long.toString(fresh)).word(Long.toString(fresh + millis(lifetime.grace())));
  }

  private static byte[] payload(EncodedRow row) {
    return row instanceof EncodedRow.Present present ? present.payload().bytes() : NO_PAYLOAD;
  }

  private Arguments word(String text) {
    values.add(text.getBytes(US_ASCII));
    return this;
  }

  private static long millis(Duration life) {
    return life.compareTo(LONGEST_LIFE) > 0 ? LONGEST_LIFE.toMillis() : life.toMillis();
  }
}
