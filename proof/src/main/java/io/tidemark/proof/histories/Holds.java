package io.tidemark.proof.histories;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Where a worker lingers, so that others come in between. Under load it is by chance; in a script a
 * gate is set at a point, for the next that comes by with a key, and is opened again. Thread-safe.
 */
final class Holds {
  private static final double SHORT_CHANCE = 0.05;
  private static final double LONG_CHANCE = 0.006;
  private static final int SHORT_MILLIS = 60;

  /** Longer than a claim lives; a load renews its claim meanwhile. */
  private static final int LONG_MILLIS = 1_500;

  /** More than a whole script takes on a slow machine. */
  private static final long REACH_SECONDS = 600;

  private static final long GATE_SECONDS = 600;

  private final Map<Place, CountDownLatch> set = new HashMap<>();
  private final Map<Place, CountDownLatch> reached = new HashMap<>();
  private volatile boolean byChance;

  /** A moment in an operation. */
  enum Point {
    /** A load has read its row. */
    AFTER_READ,
    /** A transaction has made its change. */
    BEFORE_COMMIT,
    /** A transaction is committed, and its row not published yet. */
    BEFORE_PUBLISH
  }

  private record Place(Point point, String key) {}

  /** Whether to linger by chance from now on. */
  void byChance(boolean enabled) {
    byChance = enabled;
  }

  /** Sets a gate for the next that comes by. */
  synchronized void set(Point point, String key) {
    set.put(new Place(point, key), new CountDownLatch(1));
  }

  /** Waits until somebody stands at a gate. */
  synchronized void awaitReached(Point point, String key)
      throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(REACH_SECONDS);
    while (!reached.containsKey(new Place(point, key))) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new TimeoutException("nobody came to %s of %s".formatted(point, key));
      }
      wait(left);
    }
  }

  /** Lets go the operation that stands at the point. */
  synchronized void open(Point point, String key) {
    CountDownLatch gate = reached.remove(new Place(point, key));
    if (gate == null) {
      throw new IllegalStateException("nobody stands at %s of %s".formatted(point, key));
    }
    gate.countDown();
  }

  /** Comes by: waits where a gate is set, and perhaps lingers. */
  void pass(Point point, String key) throws InterruptedException {
    CountDownLatch gate = reach(new Place(point, key));
    if (gate != null && !gate.await(GATE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("nobody opened %s of %s".formatted(point, key));
    }
    if (byChance) {
      linger();
    }
  }

  private synchronized @Nullable CountDownLatch reach(Place place) {
    CountDownLatch gate = set.remove(place);
    if (gate != null) {
      reached.put(place, gate);
      notifyAll();
    }
    return gate;
  }

  private static void linger() throws InterruptedException {
    Random random = ThreadLocalRandom.current();
    double chance = random.nextDouble();
    if (chance < LONG_CHANCE) {
      TimeUnit.MILLISECONDS.sleep(random.nextInt(LONG_MILLIS));
    } else if (chance < LONG_CHANCE + SHORT_CHANCE) {
      TimeUnit.MILLISECONDS.sleep(random.nextInt(SHORT_MILLIS));
    }
  }
}
