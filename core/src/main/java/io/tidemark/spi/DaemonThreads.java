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
 * Creates the threads of caches, stores and locks: daemons, which do not keep a program running.
 * Thread-safe.
 *
 * <p>A pool creates a thread on the thread of the caller that needs it first, and lends it to other
 * callers later. So a thread that is created here inherits nothing from its creator: no {@link
 * InheritableThreadLocal} such as a user's session, no context class loader, no priority, and no
 * thread group that might be interrupted as a whole. Its context class loader is Tidemark's own.
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
   * Creates a pool that starts a thread whenever none is idle. It has no limit: put a {@link
   * TaskLimit} in front of it.
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

  /** Creates a scheduler with one thread, which forgets cancelled tasks at once. */
  public ScheduledExecutorService newTimer() {
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, this);
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }

  @Override
  @SuppressWarnings("ThreadPriorityCheck") // Instead of the creator's priority.
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
