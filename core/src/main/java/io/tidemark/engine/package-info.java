/**
 * What runs a cache. Hidden from users, who build it with {@link io.tidemark.CacheBuilder}.
 *
 * <p>The types stand on six floors. A type uses types of its own floor and of those below, and no
 * types form a circle. {@code ArchitectureTest} reads this picture, and finds each type on it.
 *
 * <pre>
 * 6 cache   DefaultVersionedCache CacheEngine CacheThreads Warming Pace Explainer
 * 5 calls   ReadPath BlockingDriver AsyncDriver Call ReadCall RefreshCall BulkReadCall
 *           WritePath Updates AsyncUpdates Update OpenWrites OpenTransactions OpenTransaction
 *           AfterCommit AfterCommits Publishing Commit
 * 4 loads   Flights FlightLine Flight LoadRun TimeBound Watch HungLoads
 *           Boarding Batch FlightGroup
 *           Loads LoadOrder Load Attempt LoadOutcome Loader Fills Refreshes FallbackLoad
 *           BulkLoad BulkLoader BulkReader BulkFallbackLoad
 *           RefreshesAhead RefreshAheadLoad RefreshTiming
 * 3 claims  KeyWait LockWait Locker HeldLock Work Claims Claim ClaimOutcome Tenure
 *           LiveClaim BulkClaim
 *           Publisher Repairs
 * 2 rows    SourceReader Asker Rows CheckedRow Refusal Uncached Parcel Dispatch Copies Answer
 *           ShortMemory
 * 1 ground  Settings Backends Lifetimes Waiting Fallbacks Limits Terms CacheKey Advice
 *           RolloutSwitch Journal Counters RecentEvents ThrottledLog Stopwatch EpochCounter KeysInUse
 *           UntoldTransactions Timers RunOnce NoThread Failures Completion Caller
 * </pre>
 *
 * <p>A read:
 *
 * <ol>
 *   <li>{@link DefaultVersionedCache} checks the key, and {@link ReadPath} makes it a {@link
 *       ReadCall}, which {@link BlockingDriver} or {@link AsyncDriver} waits for.
 *   <li>The call reads the slot, unless the {@link RolloutSwitch} has it bypass the cache: then it
 *       asks the source by a {@link FallbackLoad}, and that is all. {@link Rows} decodes a hit, and
 *       that is all.
 *   <li>On a miss, {@link Flights} gives it a seat on the key's {@link Flight}; if there is none, a
 *       {@link LoadRun} starts one on another thread, and {@link Watch} bounds it.
 *   <li>{@link Load} waits for the key's lock with {@link KeyWait}, and makes an {@link Attempt}
 *       under each {@link HeldLock}, until it has a row for the flight.
 *   <li>An attempt takes a {@link Claim}, which its {@link Tenure} renews; {@link Loader} asks
 *       {@link SourceReader} for the row and offers it to the store.
 *   <li>The flight lands. A caller whose call began too late for the row looks at the slot again:
 *       {@link Flight} says how that is known.
 * </ol>
 *
 * <p>A read of many keys is a {@link BulkReadCall} of as many read calls. Their slots are read
 * together; a {@link Batch} holds their new flights back until all have been looked at; and these
 * share the run of one {@link BulkLoad}, which claims by a ballot instead of by locks. It passes on
 * to a {@link Load} what is not simple.
 *
 * <p>A refresh is a {@link RefreshCall} on flights of its own; {@link RefreshesAhead} has no caller
 * that waits. An interrupt ends a caller's wait in {@link BlockingDriver}, and never its flight.
 *
 * <p>A write:
 *
 * <ol>
 *   <li>{@link WritePath} enters the {@link Update} among {@link OpenWrites}, and has {@link
 *       Updates} make it, or {@link AsyncUpdates} on another thread.
 *   <li>{@link KeyWait} acquires the key's lock, and {@link Claims} takes a forced claim, which
 *       hides the old entry from readers.
 *   <li>The caller's own transaction runs.
 *   <li>{@link AfterCommit} checks the row, and {@link Publishing} repeats the publish until the
 *       store answers; {@link Publisher} publishes once, or drops.
 *   <li>If the store has not answered by the deadline, {@link Repairs} goes on in the background.
 *   <li>Closing the claim ends its renewal and releases the lock.
 * </ol>
 *
 * <p>In a transaction that the caller has begun, the update ends for its caller after the third
 * step. {@link OpenTransaction} holds lock and claim, checks the row at once, and takes the steps
 * that follow when the transaction has ended.
 *
 * <p>A publish or an invalidation begins at the fourth step; {@link AfterCommits} takes it for many
 * rows at once. An interrupt before the third ends the update; after it, it only ends the repeating
 * of the publish.
 */
@NullMarked
package io.tidemark.engine;

import org.jspecify.annotations.NullMarked;
