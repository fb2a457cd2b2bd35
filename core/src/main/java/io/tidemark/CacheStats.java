package io.tidemark;

/**
 * Counts of one cache in one process since it was built. A snapshot: each number is exact, their
 * sum may be a moment apart.
 *
 * @param hits reads answered by the store at the first look
 * @param misses reads that were not
 * @param loads times that the source was asked for a row, fallbacks included
 * @param loadsGivenUp loads that were given up after {@link CacheBuilder#maxLoadTime}, and those of
 *     {@link VersionedCache#explain} at its deadline
 * @param loadsHung those of them that still hold a thread; the only number that also falls
 * @param stored loaded or written rows that became the entry
 * @param superseded loaded or written rows that lost to a newer entry
 * @param refused loaded rows that were not stored: their claim was gone, or the entry to be
 *     refreshed was gone, or dropped
 * @param behind loaded rows older than the floor
 * @param lockAcquired locks taken
 * @param lockWaited times that a load or a write waited for another holder
 * @param lockTimedOut times that such a wait met its limit
 * @param fallbacks reads answered by the fallback policy
 * @param uncacheable loaded or written values that cannot be cached; see {@link
 *     CacheBuilder#onUncacheable}
 * @param damaged slots or payloads that could not be read
 * @param repaired writes of unknown outcome that were published after all, in the background
 * @param repairsAbandoned such writes that were not, within {@link CacheBuilder#repairTime}
 */
public record CacheStats(
    long hits,
    long misses,
    long loads,
    long loadsGivenUp,
    long loadsHung,
    long stored,
    long superseded,
    long refused,
    long behind,
    long lockAcquired,
    long lockWaited,
    long lockTimedOut,
    long fallbacks,
    long uncacheable,
    long damaged,
    long repaired,
    long repairsAbandoned) {}
