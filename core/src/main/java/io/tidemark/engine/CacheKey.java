package io.tidemark.engine;

import io.tidemark.spi.SlotKey;

/**
 * A key as the source knows it, and the slot that holds its row.
 *
 * @param value what the source is asked for
 * @param <K> the type of the key
 */
record CacheKey<K>(K value, SlotKey slot) {}
