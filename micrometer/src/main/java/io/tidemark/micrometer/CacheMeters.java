package io.tidemark.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.Rollout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** The meters of one cache in every registry that it is bound to. Thread-safe. */
final class CacheMeters {
  private final String cache;

  /** Counted from the start, so that a gauge that is bound later does not begin below zero. */
  private final LongAdder waits = new LongAdder();

  private final LongAdder loads = new LongAdder();
  private final LongAdder hung = new LongAdder();
  private final AtomicInteger percentBypassed = new AtomicInteger();
  private final List<KindMeters> bound = new CopyOnWriteArrayList<>();

  CacheMeters(String cache) {
    this.cache = cache;
  }

  /** Registers the meters; to be called once for a registry. */
  void bindTo(MeterRegistry registry) {
    bound.add(KindMeters.register(registry, cache, waits, loads, hung, percentBypassed));
  }

  void rollOut(Rollout rollout) {
    percentBypassed.set(100 - rollout.percent());
  }

  void move(Kind kind, Duration took) {
    countUnderWay(kind);
    for (KindMeters meters : bound) {
      meters.move(kind, took);
    }
  }

  private void countUnderWay(Kind kind) {
    switch (kind) {
      case LOCK_WAIT -> waits.increment();
      case LOCK_WAITED -> waits.decrement();
      case LOAD -> loads.increment();
      case LOADED, LOAD_FAILED -> loads.decrement();
      case LOAD_GIVEN_UP -> hung.increment();
      case GIVEN_UP_LOAD_ENDED -> hung.decrement();
      default -> {
        // takes no time, or has no gauge
      }
    }
  }
}
