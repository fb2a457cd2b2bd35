package io.tidemark.spi;

import java.util.Objects;
import java.util.concurrent.ThreadFactory;
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
