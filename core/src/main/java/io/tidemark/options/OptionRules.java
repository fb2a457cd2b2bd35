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
    return within(Duration.ofMillis(1), "1 ms to 3650 days", option, value);
  }

  /** Zero, or 1 ms to 3650 days. */
  public static Duration zeroOrPositive(String option, Duration value) {
    return Duration.ZERO.equals(value)
        ? value
        : within(Duration.ofMillis(1), "zero, or 1 ms to 3650 days", option, value);
  }

  /** Zero to 3650 days. */
  public static Duration notNegative(String option, Duration value) {
    return within(Duration.ZERO, "zero to 3650 days", option, value);
  }

  private static Duration within(Duration least, String rule, String option, Duration value) {
    Objects.requireNonNull(value, option);
    check(
        value.compareTo(least) >= 0 && value.compareTo(MAX_DURATION) <= 0,
        "%s is %s; it must be %s".formatted(option, value, rule));
    return value;
  }

  /** For a time that is not an option: below zero is zero, above 3650 days is 3650 days. */
  public static Duration withinLimits(Duration time) {
    if (time.isNegative()) {
      return Duration.ZERO;
    }
    return time.compareTo(MAX_DURATION) > 0 ? MAX_DURATION : time;
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
