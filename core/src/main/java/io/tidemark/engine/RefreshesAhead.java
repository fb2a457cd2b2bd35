package io.tidemark.engine;

import io.tidemark.RefreshAhead;
import io.tidemark.spi.Filling;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.TaskLimit;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads values anew in the background while they are still fresh, where the cache's option says so:
 * one load for each key at a time. Nobody waits for them. Thread-safe.
 */
final class RefreshesAhead<K, V> {
  private static final Logger LOG = LoggerFactory.getLogger(RefreshesAhead.class);

  private final Settings<K, V> settings;
  private final SourceReader<K, V> sources;
  private final Loads<K, V> loads;
  private final Watch watch;
  private final TaskLimit limit;
  private final ConcurrentMap<SlotKey, Turn> underWay = new ConcurrentHashMap<>();

  /** Which keys were to be refreshed just now: not every hit shall try again. */
  private final ShortMemory<Boolean> tried;

  private volatile boolean closed;

  RefreshesAhead(
      Settings<K, V> settings,
      SourceReader<K, V> sources,
      Loads<K, V> loads,
      Watch watch,
      TaskLimit limit) {
    this.settings = settings;
    this.sources = sources;
    this.loads = loads;
    this.watch = watch;
    this.limit = limit;
    this.tried = new ShortMemory<>(Duration.ofSeconds(1), settings.ticker());
  }

  /**
   * Loads a value that was hit, if it is due: once a second at most, whatever a try ends with,
   * unless it makes the value one that is not due.
   */
  @SuppressWarnings("CatchingUnchecked") // Whatever the clock or chance throws, the hit is served.
  void startIfDue(CacheKey<K> key, Slot slot, Terms terms) {
    try {
      if (settings.refreshAhead().isPresent()
          && slot instanceof Slot.Value value
          && isDue(settings.refreshAhead().get(), value.filling())
          && tried.get(key.slot()) == null
          && tried.put(key.slot(), true)) {
        start(key, value.filling(), terms);
      }
    } catch (Throwable t) {
      LOG.debug("{}: not known whether it is due to be refreshed ahead", key.slot(), t);
    }
  }

  private boolean isDue(RefreshAhead refreshAhead, Filling filling) {
    // The load time of a row that was published is not known: about that of others.
    Duration loadTime = filling.loadTime().isZero() ? sources.lastLoadTime() : filling.loadTime();
    return RefreshTiming.isDue(
        refreshAhead, filling.freshFor(), loadTime, filling.life(), settings.chance());
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, the hit is served.
  private void start(CacheKey<K> key, Filling due, Terms terms) {
    SlotKey slotKey = key.slot();
    Turn mine = new Turn(slotKey);
    Turn current = underWay.putIfAbsent(slotKey, mine);
    if (current != null) {
      current.run.lookIfLate();
      return;
    }
    try {
      Runnable load = loads.refreshAhead(key, mine.run, terms, due, tried);
      TimeBound bound =
          new TimeBound(terms, terms.newDeadline(settings.ticker()), settings.ticker());
      mine.run.start(load, limit, bound, watch.over(mine.run, bound, slotKey, terms));
    } catch (Throwable t) {
      LOG.debug("{}: not refreshed ahead", slotKey, t);
      mine.run.cancel(t);
    }
    // A close that came before the turn was in the map has not seen it.
    if (closed) {
      mine.cancel();
    }
  }

  /** Starts no more loads, and interrupts those under way. */
  void close() {
    closed = true;
    underWay.values().forEach(Turn::cancel);
  }

  /** One load. */
  private final class Turn implements LoadRun.Owner {
    private final SlotKey slotKey;
    private final LoadRun run = new LoadRun(this);
    private volatile boolean ended;

    Turn(SlotKey slotKey) {
      this.slotKey = slotKey;
    }

    void cancel() {
      run.cancel(new CancellationException("the cache was closed"));
    }

    @Override
    public void over() {
      underWay.remove(slotKey, this);
    }

    @Override
    public void fail(Throwable failure) {
      underWay.remove(slotKey, this);
      ended = true;
    }

    @Override
    public boolean hasEnded() {
      return ended;
    }
  }
}
