package io.tidemark;

/**
 * The result of an update.
 *
 * @param row the row that the write returned, with its value decoded by the codec: the object that
 *     readers of this process get too, not the one that the write made. If the value cannot be
 *     cached, the write's own object
 * @param outcome what became of the row in the shared store
 * @param <V> the type of the value
 */
public record WriteResult<V>(Row<V> row, WriteOutcome outcome) {}
