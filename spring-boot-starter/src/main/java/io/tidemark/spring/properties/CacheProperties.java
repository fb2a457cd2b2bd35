package io.tidemark.spring.properties;

import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.LoadProfile;
import io.tidemark.UncacheablePolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * The options of a {@link io.tidemark.CacheBuilder} that can be written as text, by the same names.
 * Those that are null are not set. Immutable.
 *
 * @param ttl How long a value is served. 5m by default.
 * @param negativeTtl How long the absence of a row is served. 30s by default; with 0 absences are
 *     not cached.
 * @param ttlJitter Largest part of a time to live that is taken off at random, 0 to 0.9. 0.1 by
 *     default.
 * @param grace How long an expired value is kept for bad times. 0 by default.
 * @param refreshAhead When to load a value before it expires: x-fetch, x-fetch:2 with a beta of 2,
 *     or a part of the time to live such as 0.8. Never by default.
 * @param rollout Which keys are read by the cache at first: on, bypass, or a percentage such as
 *     25%. Reads of the others go to the source. On by default.
 * @param profile Defaults of claim-life, deadline and max-load-time. Normal by default.
 * @param deadline How long a call may take. 15s by default.
 * @param waitLimit How long a load waits for the lock of its key. 80 % of the deadline by default.
 * @param softTimeout How long a read waits for a load while there is an expired value; needs grace.
 * @param claimLife How long a claim lives unless it is renewed. 10s by default.
 * @param maxLoadTime How long a load or a write may keep its claim and its lock. 1m by default.
 * @param waitStrategy How to wait for a load of another process: event-driven, exponential-backoff,
 *     or an interval such as 200ms. Event-driven by default.
 * @param lockOutageWait How long to keep asking a lock service that is away. 0 by default.
 * @param onFallback What a read does when it cannot use the cache in time. Fail by default.
 * @param onLoadFailure What a read does when the source fails. Fail by default.
 * @param failureTtl How long this process remembers that the source failed for a key. 0 by default,
 *     or 1s if on-load-failure is stale.
 * @param onUncacheable What is done with a value that cannot be cached. Load by default.
 * @param repairTime How long a write whose outcome is unknown is published again. 5m by default.
 * @param replicaLag Longest time by which the replica may lag; needs a replica.
 * @param maxLoads Most keys that this process loads at once. 256 by default.
 * @param maxAsyncWrites Most asynchronous updates at once. 256 by default.
 * @param maxFallbackLoads Most keys that are read past the cache at once. 16 by default.
 * @param maxFallbackQueue Most keys that queue for that. 1000 by default.
 * @param maxHungLoads Most loads that were given up and whose places others take. 256 by default.
 * @param maxValueBytes Largest encoded value. 8MB by default.
 */
public record CacheProperties(
    @Nullable Duration ttl,
    @Nullable Duration negativeTtl,
    @Nullable Double ttlJitter,
    @Nullable Duration grace,
    @Nullable String refreshAhead,
    @Nullable String rollout,
    @Nullable Profile profile,
    @Nullable Duration deadline,
    @Nullable Duration waitLimit,
    @Nullable Duration softTimeout,
    @Nullable Duration claimLife,
    @Nullable Duration maxLoadTime,
    @Nullable String waitStrategy,
    @Nullable Duration lockOutageWait,
    @Nullable FallbackPolicy onFallback,
    @Nullable LoadFailurePolicy onLoadFailure,
    @Nullable Duration failureTtl,
    @Nullable UncacheablePolicy onUncacheable,
    @Nullable Duration repairTime,
    @Nullable Duration replicaLag,
    @Nullable Integer maxLoads,
    @Nullable Integer maxAsyncWrites,
    @Nullable Integer maxFallbackLoads,
    @Nullable Integer maxFallbackQueue,
    @Nullable Integer maxHungLoads,
    @Nullable DataSize maxValueBytes) {

  /** The names of Tidemark's load profiles. */
  public enum Profile {
    /** {@link LoadProfile#FAST}. */
    FAST,
    /** {@link LoadProfile#NORMAL}. */
    NORMAL,
    /** {@link LoadProfile#SLOW}. */
    SLOW;

    LoadProfile loadProfile() {
      return switch (this) {
        case FAST -> LoadProfile.FAST;
        case NORMAL -> LoadProfile.NORMAL;
        case SLOW -> LoadProfile.SLOW;
      };
    }
  }
}
