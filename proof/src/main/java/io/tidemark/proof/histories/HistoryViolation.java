package io.tidemark.proof.histories;

import org.jspecify.annotations.Nullable;

/**
 * A rule that a history breaks.
 *
 * @param rule the rule
 * @param key the row
 * @param operation the read that was served what it must not be; null if no operation is to blame
 * @param witness the operation that had shown or promised more; null if there is none
 * @param text what is wrong, in words
 */
record HistoryViolation(
    HistoryRule rule,
    String key,
    @Nullable Operation operation,
    @Nullable Operation witness,
    String text) {
  @Override
  public String toString() {
    return "%s of %s: %s%n  read:    %s%n  witness: %s"
        .formatted(rule, key, text, operation, witness);
  }
}
