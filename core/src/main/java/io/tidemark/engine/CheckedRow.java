package io.tidemark.engine;

import org.jspecify.annotations.Nullable;

/**
 * A row that has entered the cache: its value was encoded and read back.
 *
 * @param copies what callers are given
 * @param parcel what is sent to the store
 * @param refusal why the value cannot be cached, if so
 */
record CheckedRow<V>(Copies<V> copies, Parcel parcel, @Nullable Refusal refusal) {}
