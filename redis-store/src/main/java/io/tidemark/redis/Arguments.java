package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The ARGV of a script in the making: checked, and in the form that the scripts compare. */
final class Arguments {
  /** Far from where Redis refuses an expiry. */
  private static final Duration LONGEST_LIFE = Duration.ofDays(300 * 365);

  private static final byte[] NO_PAYLOAD = {};

  private final List<byte[]> values = new ArrayList<>();

  /**
   * Begins with what every script needs.
   *
   * @param writer as {@link SlotFormat#writer} gives it
   */
  Arguments(byte[] writer) {
    values.add(writer);
  }

  List<byte[]> values() {
    return values;
  }

  /** The fence of a claim: {@link LockHandle#NO_FENCE} would be everybody's. */
  Arguments claimFence(long fence) {
    if (fence < 1) {
      throw new IllegalArgumentException("fence is " + fence + "; it must be 1 or more");
    }
    values.add(SlotFormat.fence(fence));
    return this;
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

  /** The life of a floor; of less than a millisecond, a whole one: zero means no floor. */
  Arguments floorLife(Duration life) {
    if (life.isNegative()) {
      throw new IllegalArgumentException("floorLife is " + life + "; it must be zero or more");
    }
    return word(Long.toString(life.isZero() ? 0 : Math.max(1, millis(life))));
  }

  /** The six arguments that row_of in slot.lua reads. */
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
