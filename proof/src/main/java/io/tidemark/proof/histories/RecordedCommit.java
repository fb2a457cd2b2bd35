package io.tidemark.proof.histories;

import org.jspecify.annotations.Nullable;

/**
 * A change of a row that the database committed.
 *
 * @param operation the operation whose transaction it was
 * @param key which row
 * @param version what the database stamped it with; a deletion has a version, too
 * @param payload the row's value after it; null for a deletion
 */
record RecordedCommit(String operation, String key, long version, @Nullable String payload) {}
