package io.tidemark;

/**
 * Counters of one cache in one process since it was built. A snapshot: each number is exact, but
 * they are read one after another.
 *
 * @param hits reads that the store answered at the first look
 * @param misses reads that found no entry at the first look
 * @param bypassed reads that bypassed the cache, as its {@link Rollout} has it; neither hits nor
 *     misses
 * @param loads requests to the source for a row, fallbacks and bypassed reads included
 * @param loadsGivenUp loads that were given up after {@link CacheBuilder#maxLoadTime}, or in {@link
 *     VersionedCache#explain} at its deadline
 * @param loadsHung given-up loads that still hold a thread; the only number that can fall
 * @param stored loaded or written rows that became the entry
 * @param superseded loaded or written rows that lost to a newer entry
 * @param refused loaded rows that were not stored because their claim was gone, or because the
 *     entry to refresh was gone or was dropped
 * @param behind loaded rows older than the floor
 * @param lockAcquired locks acquired
 * @param lockWaited times a load or a write waited for another holder
 * @param lockTimedOut times such a wait reached its limit
 * @param fallbacks reads answered by the fallback policy
 * @param uncacheable loaded or written values that cannot be cached; see {@link
 *     CacheBuilder#onUncacheable}
 * @param damaged slots or payloads that could not be decoded
 * @param repaired writes of unknown outcome that were later published in the background
 * @param repairsAbandoned such writes not published within {@link CacheBuilder#repairTime}
 */
public record CacheStats(
    long hits,
    long misses,
    long bypassed,
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
