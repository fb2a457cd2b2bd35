package io.tidemark.proof.histories;

import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Where a worker lingers, so that others come in between: after a load has read its row, in a
 * transaction, and between a commit and its publishing. Under load it is by chance, in a script it
 * is told. Thread-safe.
 */
final class Holds {
  private static final double SHORT_CHANCE = 0.05;
  private static final double LONG_CHANCE = 0.006;
  private static final int SHORT_MILLIS = 60;

  /** Longer than a claim lives; a load renews its claim meanwhile. */
  private static final int LONG_MILLIS = 1_500;

  private final Map<String, Long> millisAfterRead = new ConcurrentHashMap<>();
  private volatile boolean byChance;

  /** Whether to linger by chance from now on. */
  void byChance(boolean enabled) {
    byChance = enabled;
  }

  /** Makes the next load of a key linger after it has read its row. */
  void afterNextRead(String key, long millis) {
    millisAfterRead.put(key, millis);
  }

  void afterRead(String key) throws InterruptedException {
    Long millis = millisAfterRead.remove(key);
    if (millis != null) {
      TimeUnit.MILLISECONDS.sleep(millis);
    }
    maybe();
  }

  /** Lingers by chance. */
  void maybe() throws InterruptedException {
    if (!byChance) {
      return;
    }
    Random random = ThreadLocalRandom.current();
    double chance = random.nextDouble();
    if (chance < LONG_CHANCE) {
      TimeUnit.MILLISECONDS.sleep(random.nextInt(LONG_MILLIS));
    } else if (chance < LONG_CHANCE + SHORT_CHANCE) {
      TimeUnit.MILLISECONDS.sleep(random.nextInt(SHORT_MILLIS));
    }
  }
}
