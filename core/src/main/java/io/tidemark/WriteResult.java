package io.tidemark;

/**
 * What an update came to.
 *
 * @param row the row that the write returned
 * @param outcome what became of it in the shared store
 * @param <V> the type of the value
 */
public record WriteResult<V>(Row<V> row, WriteOutcome outcome) {}
