package io.tidemark;

import io.tidemark.spi.SlotKey;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a cache did in this process. Immutable; thread-safe. It names the key and never
 * holds the value.
 *
 * @param kind what was done
 * @param key the cache and the key
 * @param took how long it took, zero for a kind that takes no time
 * @param failure why it failed, null where it did not
 */
public record CacheEvent(Kind kind, SlotKey key, Duration took, @Nullable Throwable failure) {

  /** What a cache does. Where a kind takes time, its text says what the time is of. */
  public enum Kind {
    /** A read found no entry at its first look. */
    MISS,
    /** A read was answered by the store at its first look. From the call to the answer. */
    READ_FROM_CACHE,
    /** A read was answered by the store after a wait. From the call to the answer. */
    READ_AFTER_WAIT,
    /** A read was answered by a load under the key's lock. From the call to the answer. */
    READ_BY_LOAD,
    /** A read was answered by a load past the cache. From the call to the answer. */
    READ_BY_FALLBACK,
    /** A read was answered with an expired value. From the call to the answer. */
    READ_STALE,
    /** A read threw. From the call to the exception. */
    READ_FAILED,
    /** A slot or its payload could not be understood, and counts as a miss. */
    DAMAGED,
    /**
     * A loaded or written value cannot be cached, because it cannot be encoded and read back or is
     * too large. The failure says why.
     */
    UNCACHEABLE,

    /** The key's lock was taken. What the last attempt took, without waits for other holders. */
    LOCK_ACQUIRED,
    /** The key's lock was given back. How long it was held. */
    LOCK_RELEASED,
    /** Somebody else holds the lock, and a load or a write begins to wait. */
    LOCK_WAIT,
    /** Such a wait has ended, well or not. How long it was. */
    LOCK_WAITED,
    /** The lock was not had within the wait limit. */
    LOCK_TIMED_OUT,

    /** The source is asked for a row. */
    LOAD,
    /** The source gave a row, or said that there is none. How long that took. */
    LOADED,
    /** The source threw. How long that took. */
    LOAD_FAILED,
    /**
     * A load was given up after {@link CacheBuilder#maxLoadTime}, because the source, or else the
     * lock provider or the store, had not answered, or that of {@link VersionedCache#explain} at
     * its deadline; it holds a thread. How long so far.
     */
    LOAD_GIVEN_UP,
    /** Such a load has ended after all, well or not, and its thread is free. How long it took. */
    GIVEN_UP_LOAD_ENDED,
    /** The store took a loaded row as the entry. */
    FILL_STORED,
    /** The store refused a loaded row, because its claim was gone. */
    FILL_REFUSED,
    /** The store refused a loaded row, because it knows of a newer one. */
    FILL_BEHIND,
    /** The store's answer to a loaded row was lost. */
    FILL_LOST,
    /** A row that was loaded while an entry was there is the entry now. */
    REFRESH_STORED,
    /** Such a row lost to a newer entry. */
    REFRESH_SUPERSEDED,
    /** Such a row dropped the entry, because no order could be proven or the row is gone. */
    REFRESH_DROPPED,
    /** There was no entry any more to be refreshed. */
    REFRESH_REFUSED,
    /** A write takes longer than its claim may be renewed. How long so far. */
    CLAIM_OUTLIVED,

    /** A written row became the entry. */
    PUBLISH_STORED,
    /** A written row was the entry already. */
    PUBLISH_SAME,
    /** A written row lost to a newer entry. */
    PUBLISH_SUPERSEDED,
    /** A written row dropped whatever the slot held. */
    PUBLISH_DROPPED,
    /** The store did not answer to a written row in time; it is repaired in the background. */
    PUBLISH_UNKNOWN,
    /** Such a row was published after all. */
    REPAIRED,
    /** Such a row was given up. */
    REPAIR_ABANDONED
  }
}
