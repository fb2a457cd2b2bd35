package io.tidemark.engine;

import io.tidemark.CacheEvent;
import io.tidemark.Explanation;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;

/** The last events of a cache, hits excepted, for an {@link Explanation}. Thread-safe. */
final class RecentEvents {
  /** Bounds the memory. */
  private static final int MAX_EVENTS = 1_024;

  private final Ticker ticker;
  private final AtomicReferenceArray<Entry> ring = new AtomicReferenceArray<>(MAX_EVENTS);
  private final AtomicLong next = new AtomicLong();

  private record Entry(long number, long atNanos, CacheEvent event) {}

  RecentEvents(Ticker ticker) {
    this.ticker = ticker;
  }

  void add(CacheEvent event) {
    if (event.kind() != CacheEvent.Kind.READ_FROM_CACHE) {
      long number = next.getAndIncrement();
      ring.set((int) (number % MAX_EVENTS), new Entry(number, ticker.nanos(), event));
    }
  }

  /** What is remembered of a key, oldest first. */
  List<Explanation.PastEvent> of(SlotKey key) {
    long now = ticker.nanos();
    return IntStream.range(0, MAX_EVENTS)
        .mapToObj(ring::get)
        .filter(entry -> entry != null && entry.event().key().equals(key))
        .sorted(Comparator.comparingLong(Entry::number))
        .map(e -> new Explanation.PastEvent(Duration.ofNanos(now - e.atNanos()), e.event()))
        .toList();
  }
}
