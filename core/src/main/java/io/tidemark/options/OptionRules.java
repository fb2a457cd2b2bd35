package io.tidemark.options;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Checks options. A value out of range is refused with the option, the value and the rule. */
public final class OptionRules {
  private static final Duration MAX_DURATION = Duration.ofDays(3650);

  private OptionRules() {}

  public static void check(boolean rule, String message) {
    if (!rule) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Throws {@link IllegalStateException} if an option is not set. */
  public static <T> T required(String option, @Nullable T value) {
    if (value == null) {
      throw new IllegalStateException(option + " is not set; it is required");
    }
    return value;
  }

  /** 1 ms to 3650 days. */
  public static Duration positive(String option, Duration value) {
    Objects.requireNonNull(value, option);
    check(
        value.compareTo(Duration.ofMillis(1)) >= 0 && value.compareTo(MAX_DURATION) <= 0,
        "%s is %s; it must be 1 ms to 3650 days".formatted(option, value));
    return value;
  }

  /** Zero, or 1 ms to 3650 days. */
  public static Duration zeroOrPositive(String option, Duration value) {
    Objects.requireNonNull(value, option);
    check(
        value.isZero()
            || (value.compareTo(Duration.ofMillis(1)) >= 0 && value.compareTo(MAX_DURATION) <= 0),
        "%s is %s; it must be zero, or 1 ms to 3650 days".formatted(option, value));
    return value;
  }

  /** Zero to 3650 days. */
  public static Duration notNegative(String option, Duration value) {
    Objects.requireNonNull(value, option);
    check(
        !value.isNegative() && value.compareTo(MAX_DURATION) <= 0,
        "%s is %s; it must be zero to 3650 days".formatted(option, value));
    return value;
  }

  /** For a time that is not an option: below zero is zero, above 3650 days is 3650 days. */
  public static Duration withinLimits(Duration time) {
    if (time.isNegative()) {
      return Duration.ZERO;
    }
    return time.compareTo(MAX_DURATION) > 0 ? MAX_DURATION : time;
  }

  /** Timers with a precision of a few milliseconds renew a claim three times in its life. */
  public static Duration claimLife(Duration value) {
    check(
        positive("claimLife", value).toMillis() >= 30,
        "claimLife is " + value + "; it must be 30 ms or more");
    return value;
  }

  public static int atLeast(int least, String option, int value) {
    check(value >= least, "%s is %d; it must be %d or more".formatted(option, value, least));
    return value;
  }

  /** Within both bounds, inclusive; NaN is refused. */
  public static double within(double least, double most, String option, double value) {
    check(
        value >= least && value <= most,
        "%s is %s; it must be %s to %s".formatted(option, value, text(least), text(most)));
    return value;
  }

  private static String text(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }
}
