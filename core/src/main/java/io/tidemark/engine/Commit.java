package io.tidemark.engine;

import io.tidemark.Row;
import io.tidemark.spi.SlotKey;

/** A row as it was committed somewhere. */
record Commit<V>(SlotKey key, Row<V> row) {}
