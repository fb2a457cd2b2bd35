package io.tidemark.spi;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Makes the threads of caches, stores and locks: daemons, which do not keep a program from ending.
 * Thread-safe.
 *
 * <p>A pool makes its threads when calls need them, on the callers' threads, and one call's thread
 * goes on to work for others. So a thread that is made here takes nothing over from the one that it
 * is made on: no {@link InheritableThreadLocal} such as a user's session, no context class loader,
 * no priority, and no thread group, whose threads somebody may interrupt. Its context class loader
 * is Tidemark's own.
 */
public final class DaemonThreads implements ThreadFactory {
  private static final long DEFAULT_STACK_SIZE = 0;
  private static final ThreadGroup GROUP = outermostGroup();

  private final Supplier<String> names;

  private DaemonThreads(Supplier<String> names) {
    this.names = names;
  }

  /** Threads that all have one name. */
  public static DaemonThreads named(String name) {
    Objects.requireNonNull(name, "name");
    return new DaemonThreads(() -> name);
  }

  /** Threads that are numbered under a prefix, from 1. */
  public static DaemonThreads numbered(String prefix) {
    Objects.requireNonNull(prefix, "prefix");
    AtomicInteger next = new AtomicInteger(1);
    return new DaemonThreads(() -> prefix + next.getAndIncrement());
  }

  /**
   * A pool that makes a thread where none is idle: whoever gives it tasks limits how many run at
   * once, as {@link TaskLimit} does.
   *
   * @param idleLife how long a thread without a task is kept
   */
  public ExecutorService newPool(Duration idleLife) {
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        idleLife.toNanos(),
        TimeUnit.NANOSECONDS,
        new SynchronousQueue<>(),
        this);
  }

  /** Starts what is due at a time, on one thread. What is cancelled is forgotten at once. */
  public ScheduledExecutorService newTimer() {
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, this);
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }

  @Override
  @SuppressWarnings("ThreadPriorityCheck") // The usual one, where the maker's would be taken over.
  public Thread newThread(Runnable task) {
    Thread thread = new Thread(GROUP, task, names.get(), DEFAULT_STACK_SIZE, false);
    thread.setDaemon(true);
    thread.setPriority(Thread.NORM_PRIORITY);
    thread.setContextClassLoader(DaemonThreads.class.getClassLoader());
    return thread;
  }

  private static ThreadGroup outermostGroup() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    while (group.getParent() != null) {
      group = group.getParent();
    }
    return group;
  }
}
