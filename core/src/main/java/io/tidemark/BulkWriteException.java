package io.tidemark;

import java.util.Map;

/**
 * Some keys of a call for many failed. {@link #failures} has them all, each with what a call for
 * that key alone would have thrown; the first is the cause. {@link #outcomes} has the other keys,
 * for which the call did what it does.
 */
public final class BulkWriteException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  private final ByKey<WriteOutcome> outcomes;
  private final ByKey<RuntimeException> failures;

  /**
   * Counts the keys in the message, and describes the first few.
   *
   * @param cache the name of the cache
   * @param outcomes of the keys that did not fail
   * @param failures one or more
   */
  public BulkWriteException(
      String cache, Map<?, WriteOutcome> outcomes, Map<?, ? extends RuntimeException> failures) {
    super(
        null,
        BulkReadException.message(cache, outcomes.size() + failures.size(), "failed", failures),
        failures.values().iterator().next());
    this.outcomes = new ByKey<>(outcomes);
    this.failures = new ByKey<>(failures);
  }

  /**
   * What became of the other keys, in the order of the call; not modifiable. Where this exception
   * was serialized, keys that are not {@link java.io.Serializable} are missing.
   */
  public Map<Object, WriteOutcome> outcomes() {
    return outcomes.map();
  }

  /** What each key failed with, likewise. */
  public Map<Object, RuntimeException> failures() {
    return failures.map();
  }
}
