package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;

import io.tidemark.TidemarkException;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Writers that publish ever newer versions of keys of their own and read them back, while a test
 * changes the cluster. A publish that ran twice answers SAME, because the row is the entry already.
 */
final class ClusterLoad implements AutoCloseable {
  private static final int WRITERS = 3;
  private static final int KEYS_OF_ONE = 30;
  private static final Duration LIFE = Duration.ofHours(1);
  private static final Lifetime LIFETIME = new Lifetime(LIFE, Duration.ZERO);

  private final RedisStore store;
  private final List<Thread> writers = new ArrayList<>();
  private final List<AtomicLong> rounds = new ArrayList<>();
  private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
  private final Queue<String> surprises = new ConcurrentLinkedQueue<>();
  private volatile boolean isEnding;

  /** Starts the writers, once they have filled their slots. */
  ClusterLoad(RedisStore store) {
    this.store = store;
    for (int writer = 0; writer < WRITERS; writer++) {
      List<SlotKey> keys = keys(writer);
      keys.forEach(key -> fill(key, 1));
      AtomicLong passes = new AtomicLong();
      rounds.add(passes);
      writers.add(new Thread(() -> write(keys, passes), "writer " + writer));
    }
    writers.forEach(Thread::start);
  }

  private static List<SlotKey> keys(int writer) {
    return IntStream.range(0, KEYS_OF_ONE)
        .mapToObj(i -> new SlotKey("load", "key " + i + " of " + writer))
        .toList();
  }

  /** All keys of all writers. */
  static List<SlotKey> keys() {
    return IntStream.range(0, WRITERS).mapToObj(ClusterLoad::keys).flatMap(List::stream).toList();
  }

  private void fill(SlotKey key, long version) {
    store.claim(key, 1, ClaimMode.ALWAYS, LIFE, LIFE);
    store.fill(key, 1, row(version), FloorRule.AT_OR_ABOVE, LIFETIME);
  }

  private static EncodedRow row(long version) {
    return new EncodedRow.Present(version, Payload.wrap(new byte[] {1}));
  }

  private void write(List<SlotKey> keys, AtomicLong passes) {
    for (long version = 2; !isEnding; version++) {
      boolean isWhole = true;
      for (SlotKey key : keys) {
        isWhole &= isWritten(key, version);
      }
      if (isWhole) {
        passes.incrementAndGet();
      }
    }
  }

  private boolean isWritten(SlotKey key, long version) {
    try {
      PublishAnswer answer = store.publish(key, LockHandle.NO_FENCE, row(version), LIFETIME, LIFE);
      if (answer != PublishAnswer.STORED) {
        surprises.add("publish of " + version + " answered " + answer);
      }
      Slot slot = store.read(key);
      if (!(slot instanceof Slot.Value value && value.version() == version)) {
        surprises.add("after a publish of " + version + ", read gave " + slot);
      }
      if (answer == PublishAnswer.DROPPED) {
        fill(key, version);
      }
      return true;
    } catch (TidemarkException e) {
      failures.add(e);
      return false;
    }
  }

  /**
   * Waits until each writer has written and read each of its keys twice more, without a failure.
   */
  void awaitTwoPasses() {
    List<Long> before = rounds.stream().map(AtomicLong::get).toList();
    await()
        .until(
            () ->
                IntStream.range(0, WRITERS)
                    .allMatch(i -> rounds.get(i).get() >= before.get(i) + 2));
  }

  /** What was thrown so far. */
  List<RuntimeException> failures() {
    return List.copyOf(failures);
  }

  /** Answers so far that a cluster which loses nothing, and moves nothing, does not give. */
  List<String> surprises() {
    return List.copyOf(surprises);
  }

  /** Those that remain where slots may be lost: a script that ran twice, and an old entry. */
  List<String> surprisesWhereSlotsAreLost() {
    return surprises.stream()
        .filter(surprise -> !surprise.contains("answered DROPPED"))
        .filter(surprise -> !surprise.contains("read gave Pending"))
        .filter(surprise -> !surprise.contains("read gave Empty"))
        .toList();
  }

  @Override
  public void close() {
    isEnding = true;
    for (Thread writer : writers) {
      try {
        writer.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
