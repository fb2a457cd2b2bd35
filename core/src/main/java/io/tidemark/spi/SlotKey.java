package io.tidemark.spi;

import java.io.Serializable;
import java.util.Objects;

/**
 * The name of one slot and of its lock: a cache, and a key in it. Immutable and thread-safe.
 *
 * @param cache the cache's name, 1 to 64 of {@code A-Z a-z 0-9 . _ -}
 * @param key the encoded key, any well-formed Unicode text of at most {@value #MAX_KEY_CHARS}
 *     characters, the empty one included
 */
public record SlotKey(String cache, String key) implements Serializable {
  /** The longest encoded key, in {@code char}s. */
  public static final int MAX_KEY_CHARS = 65_536;

  private static final int MAX_CHARS_SHOWN = 200;
  private static final int MAX_CACHE_CHARS = 64;

  /**
   * Checks both parts.
   *
   * @throws IllegalArgumentException if the cache's name or the key breaks its rule; an unpaired
   *     surrogate breaks it because it has no UTF-8 form, so two such keys would share a slot
   */
  public SlotKey {
    checkCacheName(cache);
    Objects.requireNonNull(key, "key");
    if (key.length() > MAX_KEY_CHARS) {
      throw new IllegalArgumentException(
          "key of cache '%s' has %d characters; the most is %d"
              .formatted(cache, key.length(), MAX_KEY_CHARS));
    }
    int unpaired = firstUnpairedSurrogate(key);
    if (unpaired >= 0) {
      throw new IllegalArgumentException(
          "key of cache '%s' has an unpaired surrogate U+%04X at index %d; a key must be well-formed"
              .formatted(cache, (int) key.charAt(unpaired), unpaired));
    }
  }

  /**
   * Checks the name of a cache.
   *
   * @return the name
   * @throws IllegalArgumentException unless it is 1 to 64 of {@code A-Z a-z 0-9 . _ -}, and not
   *     {@code .} or {@code ..}
   */
  public static String checkCacheName(String cache) {
    Objects.requireNonNull(cache, "cache name");
    if (!isCacheName(cache)) {
      throw new IllegalArgumentException(
          "cache name is '%s'; it must be 1 to 64 of A-Z a-z 0-9 . _ - and not '.' or '..'"
              .formatted(printable(cache)));
    }
    return cache;
  }

  /** Checks the characters one by one: as a pattern, that would be much of the time of a hit. */
  private static boolean isCacheName(String text) {
    if (text.isEmpty() || text.length() > MAX_CACHE_CHARS) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean isLetterOrDigit =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!isLetterOrDigit && "._-".indexOf(c) < 0) {
        return false;
      }
    }
    return !text.equals(".") && !text.equals("..");
  }

  /** Cache and key for people, escaped and cut by {@link #printable}: not an identifier. */
  @Override
  public String toString() {
    return cache + ":" + printable(key);
  }

  /**
   * Makes foreign text, such as a key, safe for logs and messages: line ends, terminal controls and
   * invisible characters are escaped as in Java source, and at most 200 characters are shown.
   */
  public static String printable(String text) {
    StringBuilder printable = new StringBuilder();
    int end = Math.min(text.length(), MAX_CHARS_SHOWN);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    text.substring(0, end).codePoints().forEach(c -> appendPrintable(printable, c));
    if (end < text.length()) {
      printable.append("… (").append(text.length()).append(" characters)");
    }
    return printable.toString();
  }

  private static void appendPrintable(StringBuilder text, int codePoint) {
    switch (codePoint) {
      case '\n' -> text.append("\\n");
      case '\r' -> text.append("\\r");
      case '\t' -> text.append("\\t");
      case '\\' -> text.append("\\\\");
      default -> {
        if (isVisible(codePoint)) {
          text.appendCodePoint(codePoint);
        } else {
          for (char c : Character.toChars(codePoint)) {
            text.append("\\u%04X".formatted((int) c));
          }
        }
      }
    }
  }

  private static boolean isVisible(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  private static int firstUnpairedSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return i;
      }
    }
    return -1;
  }
}
