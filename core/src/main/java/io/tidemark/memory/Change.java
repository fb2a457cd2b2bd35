package io.tidemark.memory;

import org.jspecify.annotations.Nullable;

/**
 * What a verb answers, and what it leaves.
 *
 * @param answer what the caller is told
 * @param after the cell from now on; null for an empty slot
 */
record Change<A>(A answer, @Nullable Cell after) {}
