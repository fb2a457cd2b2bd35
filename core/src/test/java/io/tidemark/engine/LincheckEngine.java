package io.tidemark.engine;

import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.LoadProfile;
import io.tidemark.Rollout;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.UncacheablePolicy;
import io.tidemark.WaitStrategy;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.DaemonThreads;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.Payload;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * Engines for Lincheck. A load runs on the thread of the caller that starts the flight, as Lincheck
 * schedules only the threads of its operations. Time stands still, so that no wait ends by its
 * deadline.
 */
final class LincheckEngine {
  private static final Duration HOUR = Duration.ofHours(1);

  static final Terms TERMS =
      new Terms(
          new LoadProfile(HOUR, HOUR, HOUR),
          HOUR,
          null,
          FallbackPolicy.LOAD,
          LoadFailurePolicy.FAIL);

  /** One for all, as its thread would outlive the schedule that started it. */
  private static final ScheduledExecutorService SCHEDULER =
      new ScheduledThreadPoolExecutor(1, DaemonThreads.named("lincheck-timer"));

  private static final Class<?>[] TRUSTED = {
    Answer.class,
    CacheEngine.class,
    CacheThreads.class,
    CheckedRow.class,
    Claim.class,
    ClaimOutcome.class,
    Claims.class,
    Copies.class,
    Counters.class,
    EncodedRow.class,
    HeldLock.class,
    HungLoads.class,
    Journal.class,
    KeyWait.class,
    KeysInUse.class,
    Fills.class,
    Lifetime.class,
    LoadOrder.class,
    LoadOutcome.class,
    LoadProfile.class,
    Locker.class,
    LongAdder.class,
    OpenWrites.class,
    Parcel.class,
    Payload.class,
    RecentEvents.class,
    Repairs.class,
    Row.class,
    Rows.class,
    Settings.class,
    ShortMemory.class,
    Slot.class,
    SlotKey.class,
    Stopwatch.class,
    Tenure.class,
    Terms.class,
    ThrottledLog.class,
    TimeBound.class,
    Timers.class,
    WaitStrategy.class,
    Watch.class,
    Work.class
  };

  private LincheckEngine() {}

  /**
   * What runs a cache.
   *
   * @param store an {@link InMemoryStore}, or what passes calls on to one
   */
  static CacheEngine<String, String> of(Source<String, String> source, SlotStore store) {
    return new CacheEngine<>(settings(source, store), List.of(), Runnable::run, SCHEDULER);
  }

  static Row<String> row(long version) {
    return Row.present("v" + version, version);
  }

  /**
   * Searches schedules of what the threads of one process do, as {@link LincheckOptions#model}
   * does.
   *
   * @param alsoTrusted more classes that have no say in the outcome
   */
  static ModelCheckingOptions model(Class<?> specification, Class<?>... alsoTrusted) {
    return LincheckOptions.model(
        specification,
        Set.of(InMemoryStore.class, LocalLocks.class, ConcurrentHashMap.class),
        LincheckOptions.namesOf(
            Stream.of(TRUSTED, alsoTrusted).flatMap(Stream::of).toArray(Class<?>[]::new)));
  }

  private static Settings<String, String> settings(Source<String, String> source, SlotStore store) {
    return new Settings<>(
        "test",
        new Backends<>(
            source,
            Optional.empty(),
            Duration.ZERO,
            store,
            new UncontendedLocks(),
            new StringCodec(),
            key -> key,
            Optional.empty()),
        new Lifetimes(HOUR, HOUR, 0, Duration.ZERO),
        TERMS,
        new Waiting(WaitStrategy.eventDriven(), Duration.ZERO),
        new Fallbacks(Duration.ZERO, UncacheablePolicy.LOAD, HOUR),
        new Limits(2, 2, 2, 2, 2, 100),
        Optional.empty(),
        Rollout.on(),
        () -> 0,
        new AtomicLong()::incrementAndGet);
  }

  /** Locks that only loads take, so whoever finds one held is a second flight of its key. */
  private static final class UncontendedLocks implements LockProvider {
    private final LockProvider locks = LocalLocks.create();

    @Override
    public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
      LockAttempt attempt = locks.tryAcquire(key, deadline);
      if (attempt instanceof LockAttempt.Held) {
        throw new AssertionError("two flights of one key at a time");
      }
      return attempt;
    }
  }
}
