package io.tidemark.engine;

import static io.tidemark.engine.Patience.await;

import io.tidemark.CacheBuilder;
import io.tidemark.Codec;
import io.tidemark.LoadProfile;
import io.tidemark.Source;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A store, locks and a table in memory, the caches of several processes on them, and callers. */
final class Fleet implements AutoCloseable {
  /** A lock service that is away. */
  static final LockProvider NO_LOCKS =
      (key, deadline) -> {
        throw new UnavailableException(key, "no quorum", null);
      };

  /**
   * How patient a cache is unless its test says otherwise: no caller's deadline passes because the
   * machine stood still.
   */
  static final LoadProfile PATIENT =
      new LoadProfile(
          LoadProfile.NORMAL.claimLife(), Duration.ofMinutes(5), Duration.ofMinutes(10));

  final AtomicLong storeNanos = new AtomicLong();
  final Ticker storeTicker = storeNanos::get;
  final InMemoryStore store = InMemoryStore.create(storeTicker);
  final LockProvider locks = LocalLocks.create();
  final Table table = new Table();

  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final List<VersionedCache<String, String>> caches = new ArrayList<>();

  /** A cache of one more process. */
  VersionedCache<String, String> cache() {
    return cache(options -> options);
  }

  VersionedCache<String, String> cache(UnaryOperator<CacheBuilder<String, String>> options) {
    return cache(store, table, options);
  }

  /** A cache of one more process, with a source of its own. */
  VersionedCache<String, String> cacheOf(Source<String, String> source) {
    return cache(store, source, options -> options);
  }

  VersionedCache<String, String> cache(
      SlotStore store,
      Source<String, String> source,
      UnaryOperator<CacheBuilder<String, String>> options) {
    return cache(store, locks, source, options);
  }

  VersionedCache<String, String> cache(
      SlotStore store,
      LockProvider locks,
      Source<String, String> source,
      UnaryOperator<CacheBuilder<String, String>> options) {
    return cache(store, locks, source, new StringCodec(), options);
  }

  VersionedCache<String, String> cache(
      SlotStore store,
      LockProvider locks,
      Source<String, String> source,
      Codec<String> codec,
      UnaryOperator<CacheBuilder<String, String>> options) {
    CacheBuilder<String, String> builder =
        VersionedCache.<String, String>builder("test")
            .profile(PATIENT)
            .source(source)
            .store(store)
            .locks(locks)
            .codec(codec);
    VersionedCache<String, String> cache = options.apply(builder).build();
    caches.add(cache);
    return cache;
  }

  static SlotKey slotKey(String key) {
    return new SlotKey("test", key);
  }

  void pass(Duration time) {
    storeNanos.addAndGet(time.toNanos());
  }

  /** Calls on a thread of its own. */
  <T> Future<T> call(Callable<T> call) {
    return callers.submit(call);
  }

  /** Calls on a thread of its own, and returns once that thread waits on a flight. */
  <T> Future<T> callThatWaits(Callable<T> call) {
    return callAllThatWait(List.of(call)).get(0);
  }

  /** Calls on threads of their own, and returns once each of them waits on a flight. */
  <T> List<Future<T>> callAllThatWait(List<Callable<T>> calls) {
    List<CompletableFuture<Thread>> threads = new ArrayList<>();
    List<Future<T>> results = new ArrayList<>();
    for (Callable<T> call : calls) {
      CompletableFuture<Thread> thread = new CompletableFuture<>();
      threads.add(thread);
      results.add(
          call(
              () -> {
                thread.complete(Thread.currentThread());
                return call.call();
              }));
    }
    await().until(() -> threads.stream().allMatch(thread -> waitsOnAFlight(thread.join())));
    return results;
  }

  /** Interrupts every thread that was made to call. No more can be made. */
  void interruptCallers() {
    callers.shutdownNow();
  }

  static boolean waitsOnAFlight(Thread thread) {
    return thread.getState() == Thread.State.TIMED_WAITING
        && Arrays.stream(thread.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals(Flight.class.getName()));
  }

  @Override
  public void close() {
    caches.forEach(VersionedCache::close);
    callers.shutdownNow();
  }
}
