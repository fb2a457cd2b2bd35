package io.tidemark.memory;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of a verb: its answer, and the cell that it leaves. Immutable.
 *
 * @param answer what the verb returns
 * @param after the new cell; null for an empty slot
 */
record Change<A>(A answer, @Nullable Cell after) {}
