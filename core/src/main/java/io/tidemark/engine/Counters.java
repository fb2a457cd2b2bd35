package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.CacheStats;
import java.util.EnumMap;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Counts what a cache does. Thread-safe. */
final class Counters {
  /** Never changed once it is made. */
  private final EnumMap<Kind, LongAdder> counts = new EnumMap<>(Kind.class);

  Counters() {
    for (Kind kind : Kind.values()) {
      counts.put(kind, new LongAdder());
    }
  }

  void add(Kind kind) {
    of(kind).increment();
  }

  CacheStats snapshot() {
    return new CacheStats(
        sum(Kind.READ_FROM_CACHE),
        sum(Kind.MISS),
        sum(Kind.READ_BY_BYPASS),
        sum(Kind.LOAD),
        sum(Kind.LOAD_GIVEN_UP),
        hung(),
        sum(Kind.FILL_STORED, Kind.REFRESH_STORED, Kind.PUBLISH_STORED),
        sum(Kind.REFRESH_SUPERSEDED, Kind.PUBLISH_SUPERSEDED),
        sum(Kind.FILL_REFUSED, Kind.REFRESH_REFUSED, Kind.REFRESH_DROPPED),
        sum(Kind.FILL_BEHIND),
        sum(Kind.LOCK_ACQUIRED),
        sum(Kind.LOCK_WAIT),
        sum(Kind.LOCK_TIMED_OUT),
        sum(Kind.READ_BY_FALLBACK, Kind.READ_STALE),
        sum(Kind.UNCACHEABLE),
        sum(Kind.DAMAGED),
        sum(Kind.REPAIRED),
        sum(Kind.REPAIR_ABANDONED));
  }

  /** Loads that have ended are counted first, so the difference is never negative. */
  private long hung() {
    long ended = sum(Kind.GIVEN_UP_LOAD_ENDED);
    return sum(Kind.LOAD_GIVEN_UP) - ended;
  }

  private long sum(Kind... kinds) {
    return Stream.of(kinds).mapToLong(kind -> of(kind).sum()).sum();
  }

  private LongAdder of(Kind kind) {
    return Objects.requireNonNull(counts.get(kind));
  }
}
