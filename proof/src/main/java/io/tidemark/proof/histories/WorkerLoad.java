package io.tidemark.proof.histories;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Random operations on a few keys by several threads, until it is stopped. For one thread. */
final class WorkerLoad {
  private static final int STOP_SECONDS = 300;

  private final Operations operations;
  private final List<String> keys;
  private final long meanPauseNanos;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  /** Prepares the load; see {@link #start}. */
  WorkerLoad(Operations operations, List<String> keys, long meanPauseNanos) {
    this.operations = operations;
    this.keys = keys;
    this.meanPauseNanos = meanPauseNanos;
  }

  /** Starts the threads, whose choices follow from the seed. */
  void start(long seed, int threadCount) {
    SplittableRandom seeds = new SplittableRandom(seed);
    for (int i = 0; i < threadCount; i++) {
      SplittableRandom random = seeds.split();
      Thread thread = new Thread(() -> run(random), "load-" + i);
      thread.setDaemon(true);
      thread.setUncaughtExceptionHandler(WorkerLoad::endProcess);
      threads.add(thread);
      thread.start();
    }
  }

  /** Lets each thread end its operation, and waits for that. */
  void stop() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
      if (thread.isAlive()) {
        throw new IllegalStateException(thread.getName() + " does not end its operation");
      }
    }
  }

  /** What the operations do not expect is a defect, which must not look like an idle thread. */
  private static void endProcess(Thread thread, Throwable failure) {
    failure.printStackTrace();
    Runtime.getRuntime().halt(1);
  }

  private void run(SplittableRandom random) {
    try {
      while (!stopped) {
        String key = keys.get(random.nextInt(keys.size()));
        Kind kind = kind(random.nextInt(1_000));
        boolean fails = random.nextInt(20) == 0;
        operations.run(kind, key, fails ? Operations.Ending.ROLL_BACK : Operations.Ending.COMMIT);
        LockSupport.parkNanos(random.nextLong(2 * meanPauseNanos + 1));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Four of five operations are reads. */
  private static Kind kind(int permille) {
    if (permille < 800) {
      return Kind.READ;
    } else if (permille < 865) {
      return Kind.UPDATE;
    } else if (permille < 915) {
      return Kind.PUBLISH;
    } else if (permille < 930) {
      return Kind.UPDATE_DELETE;
    } else if (permille < 940) {
      return Kind.UPDATE_DELETE_UNVERSIONED;
    } else if (permille < 955) {
      return Kind.PUBLISH_DELETE;
    } else if (permille < 970) {
      return Kind.PUBLISH_DELETE_UNVERSIONED;
    } else if (permille < 997) {
      return Kind.INVALIDATE;
    }
    return Kind.CLEAR;
  }
}
