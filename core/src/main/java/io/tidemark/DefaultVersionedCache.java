package io.tidemark;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The cache: checks its arguments, and leaves reading and writing to the two paths. */
final class DefaultVersionedCache<K, V> implements VersionedCache<K, V> {
  private static final Duration IDLE_THREAD_LIFE = Duration.ofSeconds(30);

  private final Settings<K, V> settings;
  private final Parts<K, V> parts;
  private final @Nullable ScheduledExecutorService ownScheduler;
  private final @Nullable ExecutorService ownExecutor;
  private final ReadPath<K, V> reads;
  private final WritePath<K, V> writes;
  private volatile boolean closed;

  /**
   * Makes a cache.
   *
   * @param executor runs the loads, or null for threads of the cache's own, {@code maxLoads} at
   *     most
   * @param scheduler runs what is due at a time, or null for a thread of the cache's own
   */
  DefaultVersionedCache(
      Settings<K, V> settings,
      @Nullable Executor executor,
      int maxLoads,
      @Nullable ScheduledExecutorService scheduler) {
    this.settings = settings;
    this.ownExecutor = executor == null ? newExecutor(settings.name(), maxLoads) : null;
    this.ownScheduler = scheduler == null ? newScheduler(settings.name()) : null;
    Executor loads = executor == null ? Objects.requireNonNull(ownExecutor) : executor;
    this.parts =
        Parts.of(
            settings, loads, scheduler == null ? Objects.requireNonNull(ownScheduler) : scheduler);
    this.reads = new ReadPath<>(parts, loads);
    this.writes = new WritePath<>(parts);
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public ReadResult<V> read(K key) {
    checkOpen();
    return reads.read(key, settings.slotKey(key));
  }

  @Override
  public ReadResult<V> refresh(K key) {
    checkOpen();
    return reads.refresh(key, settings.slotKey(key));
  }

  @Override
  public <X extends Exception> WriteResult<V> update(K key, ClaimRule rule, Write<V, X> write)
      throws X {
    checkOpen();
    return writes.update(
        settings.slotKey(key),
        Objects.requireNonNull(rule, "rule"),
        Objects.requireNonNull(write, "write"));
  }

  @Override
  public WriteOutcome publish(K key, Row<V> row) {
    checkOpen();
    return writes.publish(settings.slotKey(key), Objects.requireNonNull(row, "row"));
  }

  @Override
  public WriteOutcome invalidate(K key) {
    checkOpen();
    return writes.invalidate(settings.slotKey(key));
  }

  @Override
  public long clear(LongConsumer progress) {
    checkOpen();
    return settings.store().clear(settings.name(), Objects.requireNonNull(progress, "progress"));
  }

  @Override
  public CacheStats stats() {
    return parts.counters().snapshot();
  }

  @Override
  public void close() {
    closed = true;
    reads.close();
    parts.renewer().close();
    parts.repairs().close();
    if (ownScheduler != null) {
      ownScheduler.shutdownNow();
    }
    if (ownExecutor != null) {
      ownExecutor.shutdown();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new CacheClosedException(null, settings.name() + ": the cache is closed", null);
    }
  }

  private static ScheduledExecutorService newScheduler(String name) {
    ScheduledThreadPoolExecutor scheduler =
        new ScheduledThreadPoolExecutor(1, new DaemonThreads("tidemark-" + name + "-timer-"));
    scheduler.setRemoveOnCancelPolicy(true);
    return scheduler;
  }

  private static ExecutorService newExecutor(String name, int maxLoads) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            maxLoads,
            maxLoads,
            IDLE_THREAD_LIFE.toSeconds(),
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DaemonThreads("tidemark-" + name + "-load-"));
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }
}
