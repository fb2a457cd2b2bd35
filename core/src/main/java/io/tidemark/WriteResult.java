package io.tidemark;

/**
 * What an update came to.
 *
 * @param row the row that the write returned, with what the codec makes of its value: the object
 *     that readers of this process get, too, and not the one that the write made. Where the value
 *     cannot be cached, the write's own
 * @param outcome what became of it in the shared store
 * @param <V> the type of the value
 */
public record WriteResult<V>(Row<V> row, WriteOutcome outcome) {}
