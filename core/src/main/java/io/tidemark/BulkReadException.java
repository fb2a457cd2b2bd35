package io.tidemark;

import java.util.Map;
import java.util.stream.Collectors;

/**
 * Some keys of a call for many could not be read. {@link #failures} has them all, each with what a
 * read of that key alone would have thrown; the first is the cause. {@link VersionedCache#readAll}
 * returns the other keys' rows instead of throwing this.
 */
public final class BulkReadException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /** A message is a line of a log. */
  private static final int MOST_TOLD = 5;

  private final ByKey<RuntimeException> failures;

  /**
   * Counts the keys in the message, and describes the first few.
   *
   * @param cache the name of the cache
   * @param keys how many keys were asked for
   * @param failures one or more
   */
  public BulkReadException(String cache, int keys, Map<?, ? extends RuntimeException> failures) {
    super(
        null,
        message(cache, keys, "could not be read", failures),
        failures.values().iterator().next());
    this.failures = new ByKey<>(failures);
  }

  /** Says how many keys of a call failed, and why the first few did. */
  static String message(
      String cache, int keys, String whatHappened, Map<?, ? extends RuntimeException> failures) {
    return "%s: %d of %d keys %s: %s%s"
        .formatted(
            cache,
            failures.size(),
            keys,
            whatHappened,
            failures.values().stream()
                .limit(MOST_TOLD)
                .map(RuntimeException::getMessage)
                .collect(Collectors.joining("; ")),
            failures.size() > MOST_TOLD ? "; …" : "");
  }

  /**
   * What each key that could not be read failed with, in the order of the call; not modifiable.
   * Where this exception was serialized, keys that are not {@link java.io.Serializable} are
   * missing.
   */
  public Map<Object, RuntimeException> failures() {
    return failures.map();
  }
}
