package io.tidemark.proof.histories;

import io.tidemark.proof.histories.BulkOperations.Wait;
import io.tidemark.proof.histories.Change.Ending;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Random operations on a few keys by several threads, until it is stopped. For one thread. */
final class WorkerLoad {
  private static final int STOP_SECONDS = 300;

  /** Of a call for many. */
  private static final int MOST_KEYS = 5;

  private final Operations operations;
  private final BulkOperations bulkOperations;
  private final List<String> keys;
  private final long meanPauseNanos;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  /**
   * Prepares the load; see {@link #start}.
   *
   * @param keys two or more
   */
  WorkerLoad(
      Operations operations,
      BulkOperations bulkOperations,
      List<String> keys,
      long meanPauseNanos) {
    this.operations = operations;
    this.bulkOperations = bulkOperations;
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
        runOne(random);
        LockSupport.parkNanos(random.nextLong(2 * meanPauseNanos + 1));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Four of five calls are reads, and one of four is a read of many keys. */
  private void runOne(SplittableRandom random) throws InterruptedException {
    int permille = random.nextInt(1_000);
    Ending ending = random.nextInt(20) == 0 ? Ending.ROLL_BACK : Ending.COMMIT;
    if (permille < 250) {
      bulkOperations.readAll(some(random), random.nextBoolean() ? Wait.BLOCKING : Wait.FUTURE);
    } else if (permille < 268) {
      bulkOperations.publishAll(changes(random), ending);
    } else if (permille < 276) {
      bulkOperations.invalidateAll(some(random));
    } else {
      operations.run(kind(permille), keys.get(random.nextInt(keys.size())), ending);
    }
  }

  private static Kind kind(int permille) {
    if (permille < 826) {
      return Kind.READ;
    } else if (permille < 880) {
      return Kind.UPDATE;
    } else if (permille < 920) {
      return Kind.PUBLISH;
    } else if (permille < 935) {
      return Kind.UPDATE_DELETE;
    } else if (permille < 945) {
      return Kind.UPDATE_DELETE_UNVERSIONED;
    } else if (permille < 960) {
      return Kind.PUBLISH_DELETE;
    } else if (permille < 975) {
      return Kind.PUBLISH_DELETE_UNVERSIONED;
    } else if (permille < 997) {
      return Kind.INVALIDATE;
    }
    return Kind.CLEAR;
  }

  /** Several keys in any order; there are so few that most calls have one in common. */
  private List<String> some(SplittableRandom random) {
    List<String> shuffled = new ArrayList<>(keys);
    Collections.shuffle(shuffled, new Random(random.nextLong()));
    int most = Math.min(MOST_KEYS, shuffled.size());
    return shuffled.subList(0, 2 + random.nextInt(most - 1));
  }

  private Map<String, Kind> changes(SplittableRandom random) {
    Map<String, Kind> changes = new LinkedHashMap<>();
    for (String key : some(random)) {
      int percent = random.nextInt(100);
      if (percent < 70) {
        changes.put(key, Kind.PUBLISH);
      } else {
        changes.put(key, percent < 85 ? Kind.PUBLISH_DELETE : Kind.PUBLISH_DELETE_UNVERSIONED);
      }
    }
    return changes;
  }
}
