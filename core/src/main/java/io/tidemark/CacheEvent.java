package io.tidemark;

import io.tidemark.spi.SlotKey;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something that a cache did in this process. Holds the key, never the value. Immutable;
 * thread-safe.
 *
 * @param kind what was done
 * @param key the cache and the key
 * @param took how long it took; zero for a kind that is not timed
 * @param failure why it failed; null if it did not fail
 */
public record CacheEvent(Kind kind, SlotKey key, Duration took, @Nullable Throwable failure) {

  /** The kinds of events. The text of a timed kind says what the time measures. */
  public enum Kind {
    /** A read found no entry at its first look. */
    MISS,
    /** The store answered a read at its first look. Timed from the call to the answer. */
    READ_FROM_CACHE,
    /** The store answered a read after a wait. Timed from the call to the answer. */
    READ_AFTER_WAIT,
    /** A load under the key's lock answered a read. Timed from the call to the answer. */
    READ_BY_LOAD,
    /** A load past the cache answered a read. Timed from the call to the answer. */
    READ_BY_FALLBACK,
    /** The source answered a read that bypassed the cache. Timed from the call to the answer. */
    READ_BY_BYPASS,
    /** An expired value answered a read. Timed from the call to the answer. */
    READ_STALE,
    /** A read threw. Timed from the call to the exception. */
    READ_FAILED,
    /** A slot or its payload could not be decoded, and counts as a miss. */
    DAMAGED,
    /**
     * A loaded or written value cannot be cached, because it cannot be encoded and read back or is
     * too large. The failure says why.
     */
    UNCACHEABLE,

    /** The key's lock was acquired. Timed for the last attempt, without waits for other holders. */
    LOCK_ACQUIRED,
    /** The key's lock was released. The time is how long it was held. */
    LOCK_RELEASED,
    /** Another holder has the lock, and a load or a write starts to wait. */
    LOCK_WAIT,
    /** Such a wait ended, successfully or not. The time is how long it lasted. */
    LOCK_WAITED,
    /** The lock was not acquired within the wait limit. */
    LOCK_TIMED_OUT,

    /** The source is asked for a row. */
    LOAD,
    /** The source returned a row, or that there is none. The time is how long that took. */
    LOADED,
    /** The source threw. The time is how long that took. */
    LOAD_FAILED,
    /**
     * A load was given up because the source, the lock provider or the store did not answer: within
     * {@link CacheBuilder#maxLoadTime}, or for {@link VersionedCache#explain} by its deadline. It
     * still holds a thread. The time is how long it has run.
     */
    LOAD_GIVEN_UP,
    /** Such a load ended after all and freed its thread. The time is how long it ran. */
    GIVEN_UP_LOAD_ENDED,
    /** The store accepted a loaded row as the entry. */
    FILL_STORED,
    /** The store refused a loaded row because its claim was gone. */
    FILL_REFUSED,
    /** The store refused a loaded row because it knows of a newer one. */
    FILL_BEHIND,
    /** The store's answer to a loaded row was lost. */
    FILL_LOST,
    /** A row that was loaded while an entry existed became the entry. */
    REFRESH_STORED,
    /** Such a row lost to a newer entry. */
    REFRESH_SUPERSEDED,
    /** Such a load dropped the entry, because no order could be proven or the row is gone. */
    REFRESH_DROPPED,
    /** The entry to refresh was gone. */
    REFRESH_REFUSED,
    /** A write takes longer than its claim may be renewed. The time is how long it has run. */
    CLAIM_OUTLIVED,

    /** A written row became the entry. */
    PUBLISH_STORED,
    /** A written row was the entry already. */
    PUBLISH_SAME,
    /** A written row lost to a newer entry. */
    PUBLISH_SUPERSEDED,
    /** A written row dropped what the slot held. */
    PUBLISH_DROPPED,
    /** The store did not answer a publication in time; it is repaired in the background. */
    PUBLISH_UNKNOWN,
    /** Such a row was published after all. */
    REPAIRED,
    /** The cache gave up publishing such a row. */
    REPAIR_ABANDONED
  }
}
