package io.tidemark.demo.node;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import redis.clients.jedis.HostAndPort;

/**
 * How values are written in options and in query parameters. Every method throws {@link
 * IllegalArgumentException} with the text and the rule; the caller puts the name in front.
 */
public final class Notation {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,12})(ms|s|m|h)");
  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,19}");
  private static final Pattern ADDRESS =
      Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+]):([0-9]{1,5})");

  private Notation() {}

  /** {@code 250ms}, {@code 5s}, {@code 5m} or {@code 1h}. */
  static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw refused(text, "a whole number and its unit, ms, s, m or h, such as 250ms");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
  }

  /** A duration as it is written. */
  static String text(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1_000 != 0) {
      return millis + "ms";
    }
    long seconds = duration.toSeconds();
    if (seconds % 60 != 0 || seconds == 0) {
      return seconds + "s";
    }
    return seconds % 3_600 != 0 ? duration.toMinutes() + "m" : duration.toHours() + "h";
  }

  /** A duration within bounds, both included. */
  static Duration duration(String text, Duration least, Duration most) {
    Duration duration = duration(text);
    if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
      throw refused(text, text(least) + " to " + text(most));
    }
    return duration;
  }

  /** A whole number within bounds, both included. */
  public static long wholeNumber(String text, long least, long most) {
    if (WHOLE_NUMBER.matcher(text).matches()) {
      try {
        long number = Long.parseLong(text);
        if (number >= least && number <= most) {
          return number;
        }
      } catch (NumberFormatException e) {
        // beyond a long is beyond the bounds, too
      }
    }
    throw refused(text, "a whole number, " + least + " to " + most);
  }

  /** {@code true} or {@code false}. */
  static boolean truth(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw refused(text, "true or false");
    };
  }

  /** A constant of an enum by its name in lower case. */
  public static <E extends Enum<E>> E word(Class<E> type, String text) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> word(constant).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                refused(
                    text,
                    Arrays.stream(type.getEnumConstants())
                        .map(Notation::word)
                        .collect(Collectors.joining(", ", "one of ", ""))));
  }

  /** The name of a constant as it is written. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** {@code host:port}. */
  static HostAndPort address(String text) {
    Matcher matcher = ADDRESS.matcher(text);
    if (!matcher.matches() || !isPort(Integer.parseInt(matcher.group(2)))) {
      throw refused(text, "HOST:PORT, with a port of 1 to 65535");
    }
    return new HostAndPort(matcher.group(1), Integer.parseInt(matcher.group(2)));
  }

  /** One or more {@code host:port}, separated by commas. */
  static List<HostAndPort> addressList(String text) {
    try {
      return Arrays.stream(text.split(",", -1)).map(Notation::address).toList();
    } catch (IllegalArgumentException e) {
      throw refused(text, "HOST:PORT[,HOST:PORT...], with ports of 1 to 65535");
    }
  }

  /** The same, as they were written. */
  static String addresses(String text) {
    addressList(text);
    return text;
  }

  private static boolean isPort(int port) {
    return port >= 1 && port <= 65_535;
  }

  private static IllegalArgumentException refused(String text, String rule) {
    return new IllegalArgumentException("'" + text + "'; it must be " + rule);
  }
}
