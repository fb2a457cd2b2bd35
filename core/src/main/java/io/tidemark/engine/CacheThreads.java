package io.tidemark.engine;

import io.tidemark.spi.DaemonThreads;
import io.tidemark.spi.TaskLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** The threads and the timer of a cache: the user's, or its own, which end with it. Thread-safe. */
final class CacheThreads {
  private static final Duration IDLE_THREAD_LIFE = Duration.ofSeconds(30);

  /** How many calls that return a future ask the store at once: about as many as have a use. */
  static final int MAX_CALLERS = 64;

  /** What was made here. */
  private final List<ExecutorService> own = new ArrayList<>();

  private final TaskLimit loads;
  private final TaskLimit fallbackLoads;
  private final TaskLimit bypassLoads;
  private final Executor callers;
  private final Executor writes;
  private final Executor writeThreads;
  private final ScheduledExecutorService timer;

  /**
   * Takes the user's threads, or makes some.
   *
   * @param executor runs everything but timers, or null for threads of the cache's own
   * @param scheduler runs what is due at a time, or null for a thread of the cache's own
   */
  CacheThreads(
      Settings<?, ?> settings,
      @Nullable Executor executor,
      @Nullable ScheduledExecutorService scheduler) {
    String name = "tidemark-" + settings.name();
    timer = scheduler == null ? own(DaemonThreads.named(name + "-timer").newTimer()) : scheduler;
    Executor loadThreads;
    if (executor == null) {
      loadThreads = newThreads(name + "-load-");
      loads = TaskLimit.queueing(loadThreads, settings.limits().maxLoads(), "maxLoads");
      // Not of the loads' places: a cache is switched off because they wait for locks, say.
      bypassLoads =
          TaskLimit.queueing(
              loadThreads, settings.limits().maxLoads(), "for bypassed keys, maxLoads");
      // Not of the loads' threads: a write may take as long as it likes, and hold up its own kind.
      writeThreads = newThreads(name + "-write-");
      writes =
          TaskLimit.queueing(writeThreads, settings.limits().maxAsyncWrites(), "maxAsyncWrites");
      callers =
          TaskLimit.queueing(
              newThreads(name + "-call-"), MAX_CALLERS, "calls that return a future");
    } else {
      loadThreads = executor;
      loads = TaskLimit.none(executor);
      bypassLoads = loads;
      writeThreads = executor;
      writes = executor;
      callers = executor;
    }
    fallbackLoads =
        new TaskLimit(
            loadThreads,
            settings.limits().maxFallbackLoads(),
            settings.limits().maxFallbackQueue(),
            "maxFallbackLoads",
            "maxFallbackLoads=%d are under way and maxFallbackQueue=%d wait"
                .formatted(
                    settings.limits().maxFallbackLoads(), settings.limits().maxFallbackQueue()));
  }

  private ExecutorService newThreads(String prefix) {
    return own(DaemonThreads.numbered(prefix).newPool(IDLE_THREAD_LIFE));
  }

  private <T extends ExecutorService> T own(T made) {
    own.add(made);
    return made;
  }

  /** Runs loads by the cache. */
  TaskLimit loads() {
    return loads;
  }

  /** Runs loads past the cache. */
  TaskLimit fallbackLoads() {
    return fallbackLoads;
  }

  /** Runs loads of reads that bypass the cache. */
  TaskLimit bypassLoads() {
    return bypassLoads;
  }

  /** Runs what calls without a thread of their own do, and what is done in the background. */
  Executor callers() {
    return callers;
  }

  /** Runs writes without a thread of their own. */
  Executor writes() {
    return writes;
  }

  /** What {@link #writes} takes its threads from. */
  Executor writeThreads() {
    return writeThreads;
  }

  ScheduledExecutorService timer() {
    return timer;
  }

  /** Ends those that are the cache's own. What their timer has to end, it still ends. */
  void end() {
    own.forEach(ExecutorService::shutdown);
  }
}
