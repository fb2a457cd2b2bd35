package io.tidemark.proof.histories;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the command line of a run says, in system properties. */
final class HistoryOptions {
  private static final String DURATION = "tidemark.history.duration";
  private static final String LOCK = "tidemark.history.lock";
  private static final String REDIS = "tidemark.history.redis";
  private static final String SEED = "tidemark.history.seed";
  private static final Pattern NOTATION = Pattern.compile("([1-9][0-9]{0,5})([smh])");
  private static final Duration LEAST = Duration.ofSeconds(20);

  private HistoryOptions() {}

  /**
   * How long the load lasts.
   *
   * @throws IllegalArgumentException if the property is no duration, or a shorter one than every
   *     kind of fault needs
   */
  static Duration duration(Duration otherwise) {
    String text = System.getProperty(DURATION);
    return text == null ? otherwise : parse(text);
  }

  /**
   * The seed.
   *
   * @throws IllegalArgumentException if the property is no whole number
   */
  static long seed(LongSupplier otherwise) {
    String text = System.getProperty(SEED);
    if (text == null) {
      return otherwise.getAsLong();
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s is '%s'; it must be a whole number of 64 bits".formatted(SEED, text), e);
    }
  }

  /**
   * Which locks the workers share.
   *
   * @throws IllegalArgumentException if the property names none
   */
  static LockKind lock(LockKind otherwise) {
    String text = System.getProperty(LOCK);
    return text == null ? otherwise : parseLock(text);
  }

  /**
   * What Redis the workers share.
   *
   * @throws IllegalArgumentException if the property names none
   */
  static RedisKind redis(RedisKind otherwise) {
    String text = System.getProperty(REDIS);
    return text == null ? otherwise : parseRedis(text);
  }

  static RedisKind parseRedis(String text) {
    return parse(REDIS, text, RedisKind.values());
  }

  static LockKind parseLock(String text) {
    return parse(LOCK, text, LockKind.values());
  }

  private static <E extends Enum<E>> E parse(String option, String text, E[] values) {
    Map<String, E> kinds = new LinkedHashMap<>();
    for (E kind : values) {
      kinds.put(kind.name().toLowerCase(Locale.ROOT), kind);
    }
    E found = kinds.get(text);
    if (found == null) {
      throw new IllegalArgumentException(
          "%s is '%s'; it must be one of %s"
              .formatted(option, text, String.join(", ", kinds.keySet())));
    }
    return found;
  }

  static Duration parse(String text) {
    Matcher matcher = NOTATION.matcher(text);
    Duration duration = Duration.ZERO;
    if (matcher.matches()) {
      long count = Long.parseLong(matcher.group(1));
      duration =
          switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            default -> Duration.ofHours(count);
          };
    }
    if (duration.compareTo(LEAST) < 0) {
      throw new IllegalArgumentException(
          "%s is '%s'; it must be a number and s, m or h, at least %d s, such as 90s or 1h"
              .formatted(DURATION, text, LEAST.toSeconds()));
    }
    return duration;
  }
}
