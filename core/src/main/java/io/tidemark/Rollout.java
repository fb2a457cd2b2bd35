package io.tidemark;

import io.tidemark.options.OptionRules;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which keys a process reads by the cache: all of them, none, or a percentage. Reads of the others
 * bypass it: they go to the source, without lock, slot and store. Immutable; thread-safe.
 *
 * <p>Writes do the same for every key, whether it is bypassed or not: they hide, break and publish.
 * So a cache can be switched at any moment, and serves nothing old afterwards. See {@link
 * CacheBuilder#rollout} and {@link VersionedCache#switchTo}.
 *
 * <p>Whether a key belongs to a percentage depends on its text alone. It is the same in every
 * process and in every release, and percentages are nested: a key that is on at 10 % is on at 20 %.
 * The text is hashed with FNV-1a (64 bits, over its UTF-8) and MurmurHash3's 64-bit finalizer; the
 * key is on if the hash, taken as unsigned, leaves a remainder below the percentage when it is
 * divided by 100.
 *
 * @param percent how many of a hundred keys are read by the cache, 0 to 100
 */
public record Rollout(int percent) {
  private static final Rollout ON = new Rollout(100);
  private static final Rollout BYPASS = new Rollout(0);
  private static final Pattern PERCENTAGE = Pattern.compile("(\\d{1,3})\\s?%");

  private static final long FNV_OFFSET_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  /** Refuses a percentage out of range, naming the option, the value and the rule. */
  public Rollout {
    OptionRules.check(
        percent >= 0 && percent <= 100, "percent is " + percent + "; it must be 0 to 100");
  }

  /** Every key is read by the cache. */
  public static Rollout on() {
    return ON;
  }

  /** No key is: all reads go to the source. */
  public static Rollout bypass() {
    return BYPASS;
  }

  /**
   * A percentage of the keys is read by the cache.
   *
   * @param percent 0, which is {@link #bypass}, to 100, which is {@link #on}
   */
  public static Rollout ofKeys(int percent) {
    return new Rollout(percent);
  }

  /**
   * Reads what {@link #toString} writes: {@code on}, {@code bypass}, or a whole percentage such as
   * {@code 25%}; in capitals, too.
   *
   * @throws IllegalArgumentException if the text is none of these
   */
  public static Rollout parse(String text) {
    String lower = text.strip().toLowerCase(Locale.ROOT);
    if (lower.equals("on")) {
      return on();
    }
    if (lower.equals("bypass")) {
      return bypass();
    }
    Matcher percentage = PERCENTAGE.matcher(lower);
    int percent = percentage.matches() ? Integer.parseInt(percentage.group(1)) : -1;
    OptionRules.check(
        percent >= 0 && percent <= 100,
        "rollout is '"
            + text
            + "'; it must be on, bypass, or a whole percentage of the keys from 0% to 100%");
    return ofKeys(percent);
  }

  /**
   * Whether a key is read by the cache.
   *
   * @param keyText the key's text, as the cache's {@link CacheBuilder#keyEncoder} gives it
   */
  public boolean isOn(String keyText) {
    return percent == 100 || (percent > 0 && bucket(keyText) < percent);
  }

  /** One of a hundred parts of all keys: 0 to 99. */
  private static long bucket(String keyText) {
    long hash = FNV_OFFSET_BASIS;
    for (byte octet : keyText.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xff)) * FNV_PRIME;
    }
    // FNV alone hardly mixes the last characters in, which is where numbers differ.
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return Long.remainderUnsigned(hash ^ (hash >>> 33), 100);
  }

  /** The text that {@link #parse} reads: {@code on}, {@code bypass}, or {@code 25%}. */
  @Override
  public String toString() {
    return switch (percent) {
      case 0 -> "bypass";
      case 100 -> "on";
      default -> percent + "%";
    };
  }
}
