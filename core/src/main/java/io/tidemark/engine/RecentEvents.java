package io.tidemark.engine;

import io.tidemark.CacheEvent;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.Explanation;
import io.tidemark.VersionedCache;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The last events of a cache, hits excepted, for {@link VersionedCache#explain}. Thread-safe. */
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
    if (event.kind() != Kind.READ_FROM_CACHE) {
      long number = next.getAndIncrement();
      ring.set((int) (number % MAX_EVENTS), new Entry(number, ticker.nanos(), event));
    }
  }

  /** What is remembered of a key, oldest first. */
  List<Explanation.PastEvent> of(SlotKey key) {
    long now = ticker.nanos();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < MAX_EVENTS; i++) {
      Entry entry = ring.get(i);
      if (entry != null && entry.event().key().equals(key)) {
        entries.add(entry);
      }
    }
    Collections.sort(entries, (a, b) -> Long.compare(a.number(), b.number()));
    return entries.stream()
        .map(e -> new Explanation.PastEvent(Duration.ofNanos(now - e.atNanos()), e.event()))
        .toList();
  }
}
