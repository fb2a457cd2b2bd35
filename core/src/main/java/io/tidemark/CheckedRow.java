package io.tidemark;

import org.jspecify.annotations.Nullable;

/**
 * A row that has entered the cache: its value was encoded and read back.
 *
 * @param copies what callers are given
 * @param parcel what the store is offered; null where the value cannot be cached
 * @param refusal why it cannot, if so
 */
record CheckedRow<V>(Copies<V> copies, @Nullable Parcel parcel, @Nullable Refusal refusal) {}
