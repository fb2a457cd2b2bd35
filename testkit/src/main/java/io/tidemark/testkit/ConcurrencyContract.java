package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.present;
import static io.tidemark.testkit.SlotStoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Many threads at one slot. */
interface ConcurrencyContract extends SlotStoreFixture {
  /**
   * Loaders, writers with and without a claim, a refresher and evictions at one slot, while readers
   * check the two promises: what they are served never steps back, and is never older than a
   * publish that had returned before they read.
   */
  @Test
  default void verbs_manyThreadsAtOneSlot_forwardOnly()
      throws InterruptedException, ExecutionException {
    SlotTraffic traffic = new SlotTraffic(this);
    List<Runnable> changes =
        List.of(
            traffic::load,
            traffic::load,
            traffic::load,
            traffic::write,
            traffic::update,
            traffic::refresh);
    CountDownLatch changing = new CountDownLatch(changes.size());
    List<Runnable> everybody = new ArrayList<>();
    for (Runnable change : changes) {
      everybody.add(
          () -> {
            try {
              repeat(rounds(), change);
            } finally {
              changing.countDown();
            }
          });
    }
    everybody.add(() -> repeat(rounds() / 20, () -> evict(key())));
    Runnable reader =
        () -> {
          while (changing.getCount() > 0) {
            traffic.look();
          }
        };
    everybody.addAll(List.of(reader, reader));
    runTogether(everybody);

    traffic.update();
    traffic.look();
    traffic.assertNewestServed();
  }

  /** A verb that was two steps would lose a floor between them. */
  @Test
  default void publish_manyThreadsAtOneSlot_floorOnlyRises()
      throws InterruptedException, ExecutionException {
    AtomicLong source = new AtomicLong();
    Runnable raise =
        () -> {
          long version = source.incrementAndGet();
          publish(row(version));
          assertThat(slot())
              .isInstanceOfSatisfying(
                  Slot.Pending.class,
                  pending -> assertThat(pending.floor()).isGreaterThanOrEqualTo(version));
        };
    Runnable thread = () -> repeat(rounds(), raise);
    runTogether(List.of(thread, thread, thread, thread));
  }

  /** Of many that claim an empty slot at once, only the latest fence may fill. */
  @Test
  default void claim_manyThreadsAtOnce_onlyLatestMayFill()
      throws InterruptedException, ExecutionException {
    long latest = 8;
    runTogether(
        LongStream.rangeClosed(1, latest)
            .mapToObj(fence -> (Runnable) () -> claim(fence))
            .toList());
    for (long fence = 1; fence < latest; fence++) {
      fill(fence, row(latest + fence));
    }
    fill(latest, row(latest));
    assertThat(slot()).isEqualTo(value(latest, "row " + latest));
  }

  private static EncodedRow row(long version) {
    return present(version, "row " + version);
  }

  private static void repeat(int rounds, Runnable verb) {
    for (int i = 0; i < rounds; i++) {
      verb.run();
    }
  }

  /** Starts all of them at one moment, each in a thread, and waits for all. */
  private static void runTogether(List<Runnable> tasks)
      throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
    try {
      CyclicBarrier start = new CyclicBarrier(tasks.size());
      List<Future<?>> running = new ArrayList<>();
      for (Runnable task : tasks) {
        running.add(
            threads.submit(
                () -> {
                  start.await();
                  task.run();
                  return task;
                }));
      }
      for (Future<?> task : running) {
        task.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
