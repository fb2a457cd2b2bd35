package io.tidemark.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.tidemark.CacheEvent.Kind;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * The meters of one cache in one registry, by the kind of event that moves them. They are looked up
 * once, so that a hit only moves them. Thread-safe.
 */
final class KindMeters {
  private static final String PREFIX = "tidemark.";

  private final MeterRegistry registry;
  private final Tags tags;

  /** Never changed once it is made. */
  private final Map<Kind, Consumer<Duration>> moves = new EnumMap<>(Kind.class);

  private KindMeters(MeterRegistry registry, String cache) {
    this.registry = registry;
    this.tags = Tags.of("cache", cache);
  }

  /**
   * Registers the meters, at zero.
   *
   * @param waits counts the loads and writes that wait for a lock now
   * @param loads counts the loads that are with the source now
   * @param hung counts the loads that were given up and hold a thread now
   * @param percentBypassed how many of a hundred keys bypass the cache now
   */
  static KindMeters register(
      MeterRegistry registry,
      String cache,
      LongAdder waits,
      LongAdder loads,
      LongAdder hung,
      AtomicInteger percentBypassed) {
    KindMeters meters = new KindMeters(registry, cache);
    for (Kind kind : Kind.values()) {
      meters.moves.put(kind, meters.movedBy(kind));
    }
    meters.gauge(
        "lock.active.waits", "waits", "Loads and writes that now wait for another holder", waits);
    meters.gauge("active.loads", "loads", "Loads that now read from the source", loads);
    meters.gauge("hung.loads", "loads", "Loads that were given up and still hold a thread", hung);
    meters.gauge(
        "bypassed.keys",
        "percent",
        "Percentage of the keys whose reads bypass the cache",
        percentBypassed);
    return meters;
  }

  void move(Kind kind, Duration took) {
    Objects.requireNonNull(moves.get(kind)).accept(took);
  }

  private Consumer<Duration> movedBy(Kind kind) {
    return switch (kind) {
      case MISS ->
          counter("lock.cache_miss", "reads", "Reads that found no entry at their first look");
      case READ_FROM_CACHE ->
          counter("lock.cache_hit", "reads", "Reads that found the entry at their first look")
              .andThen(read("cache"));
      case READ_AFTER_WAIT -> read("cache_after_wait");
      case READ_BY_LOAD -> read("database");
      case READ_BY_FALLBACK -> read("fallback");
      case READ_BY_BYPASS -> read("bypass");
      case READ_STALE -> read("stale");
      case READ_FAILED -> read("failed");
      case DAMAGED ->
          counter("damaged.slots", "slots", "Slots or values that could not be understood");
      case LOCK_ACQUIRED ->
          counter("lock.acquired", "locks", "Locks acquired")
              .andThen(timer("lock.acquire_time", "Time to acquire a lock, without waits"));
      case LOCK_RELEASED ->
          counter("lock.released", "locks", "Locks released")
              .andThen(timer("lock.hold_time", "Time that locks were held"));
      case LOCK_WAIT ->
          counter("lock.wait", "waits", "Waits of loads and writes for another holder");
      case LOCK_WAITED -> timer("lock.wait_time", "Time that loads and writes waited for a lock");
      case LOCK_TIMED_OUT ->
          counter("lock.timed_out", "locks", "Locks not acquired within the wait limit");
      default -> movedByRowOf(kind);
    };
  }

  /** Of the kinds that concern a loaded or written row. */
  private Consumer<Duration> movedByRowOf(Kind kind) {
    return switch (kind) {
      case UNCACHEABLE ->
          counter("uncacheable.values", "values", "Loaded or written values that cannot be cached");
      // Gauges show them, and the time of a load is recorded at its end.
      case LOAD, GIVEN_UP_LOAD_ENDED -> took -> {};
      case LOADED -> load("loaded");
      case LOAD_FAILED -> load("failed");
      case LOAD_GIVEN_UP -> load("given_up");
      case FILL_STORED -> fill("stored");
      case FILL_REFUSED -> fill("refused");
      case FILL_BEHIND -> fill("behind");
      case FILL_LOST -> fill("lost");
      case REFRESH_STORED -> refresh("stored");
      case REFRESH_SUPERSEDED -> refresh("superseded");
      case REFRESH_DROPPED -> refresh("dropped");
      case REFRESH_REFUSED -> refresh("refused");
      case CLAIM_OUTLIVED ->
          counter("outlived.claims", "claims", "Writes that took longer than maxLoadTime");
      case PUBLISH_STORED -> publish("stored");
      case PUBLISH_SAME -> publish("same");
      case PUBLISH_SUPERSEDED -> publish("superseded");
      case PUBLISH_DROPPED -> publish("dropped");
      case PUBLISH_UNKNOWN -> publish("unknown");
      case REPAIRED -> repair("repaired");
      case REPAIR_ABANDONED -> repair("abandoned");
      default -> throw new IllegalStateException(kind + " moves no meter");
    };
  }

  private Consumer<Duration> read(String source) {
    return timer("lock.total_time", "Reads, by where the answer came from", "source", source);
  }

  private Consumer<Duration> load(String outcome) {
    return timer("load.time", "Rows read from the source", "outcome", outcome);
  }

  private Consumer<Duration> fill(String answer) {
    return counter("fills", "fills", "Loaded rows, by what the store answered", "answer", answer);
  }

  private Consumer<Duration> refresh(String answer) {
    return counter(
        "refreshes",
        "refreshes",
        "Rows loaded while there was an entry, by what the store answered",
        "answer",
        answer);
  }

  private Consumer<Duration> publish(String answer) {
    return counter(
        "publishes",
        "publishes",
        "Written rows and drops, by what the store answered",
        "answer",
        answer);
  }

  private Consumer<Duration> repair(String outcome) {
    return counter(
        "repairs",
        "repairs",
        "Writes of unknown outcome that were published in the background, or given up",
        "outcome",
        outcome);
  }

  private Consumer<Duration> counter(
      String name, String unit, String description, String... moreTags) {
    Counter counter =
        Counter.builder(PREFIX + name)
            .baseUnit(unit)
            .description(description)
            .tags(tags.and(moreTags))
            .register(registry);
    return took -> counter.increment();
  }

  /** Sets no unit: the registry has one for all timers. */
  private Consumer<Duration> timer(String name, String description, String... moreTags) {
    Timer timer =
        Timer.builder(PREFIX + name)
            .description(description)
            .tags(tags.and(moreTags))
            .register(registry);
    return timer::record;
  }

  private void gauge(String name, String unit, String description, Number value) {
    Gauge.builder(PREFIX + name, value, Number::doubleValue)
        .baseUnit(unit)
        .description(description)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }
}
