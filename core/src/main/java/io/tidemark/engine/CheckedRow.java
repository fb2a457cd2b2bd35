package io.tidemark.engine;

import io.tidemark.CodecException;
import io.tidemark.UncacheablePolicy;
import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * A row that has entered the cache: its value was encoded and read back.
 *
 * @param copies what callers are given
 * @param parcel what is sent to the store
 * @param refusal why the value cannot be cached, if so
 */
record CheckedRow<V>(Copies<V> copies, Parcel parcel, @Nullable Refusal refusal) {

  /**
   * Refuses a row whose value cannot be cached, where that is the policy.
   *
   * @throws CodecException with the reason
   */
  void throwIfRefused(SlotKey key, UncacheablePolicy policy) {
    if (refusal != null && policy == UncacheablePolicy.FAIL) {
      throw refusal.toException(key);
    }
  }
}
