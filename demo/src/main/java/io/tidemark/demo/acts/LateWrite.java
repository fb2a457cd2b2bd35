package io.tidemark.demo.acts;

import io.tidemark.demo.acts.NodeAnswers.Read;
import io.tidemark.demo.acts.NodeAnswers.Slot;
import io.tidemark.demo.acts.NodeAnswers.Update;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * A process reads a row, sleeps through the end of its ZooKeeper session and an update by another,
 * wakes up, and writes what it read.
 *
 * @param read the row that the first process read
 * @param update what the second process wrote
 * @param sessionGoneMillis from the stop of the first process to the loss of its lock
 * @param refused how many fills the first process was refused
 * @param ownAnswer what the caller of the first process got in the end
 * @param slot what Redis held right after that
 * @param laterReads what each process read then, process 1 last
 */
record LateWrite(
    Database.Row read,
    Update update,
    long sessionGoneMillis,
    long refused,
    Read ownAnswer,
    Slot slot,
    List<Read> laterReads) {
  private static final BigDecimal RISE = new BigDecimal("100.00");
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Longer than the steps up to the stop take, so that the stop is inside the load. */
  private static final Duration LOAD = Duration.ofSeconds(2);

  /** What happens after the update, before the first process wakes up. */
  @FunctionalInterface
  interface Meanwhile {
    void happen() throws Exception;
  }

  /** Plays it with processes 1 and 2. Process 1 runs again afterwards, whatever happened. */
  static LateWrite play(Stage stage, long id, Meanwhile meanwhile) throws Exception {
    NodeProcess first = stage.node(1);
    Database.Row row = stage.database().row(id);
    long refusedBefore = first.http().stats().refused();
    long readsBefore = stage.database().reads();
    CompletableFuture<Read> answer = first.http().read(id, LOAD);
    stage.awaitRead(readsBefore, answer);
    String lock = onlyLock(stage);
    first.pause();
    Update update;
    long sessionGoneMillis;
    try {
      long stoppedNanos = System.nanoTime();
      stage.await("the lock of the stopped process is gone", () -> !stage.locks().exists(lock));
      sessionGoneMillis = (System.nanoTime() - stoppedNanos) / NANOS_PER_MILLI;
      update = stage.node(2).http().update(row.product(), row.product().price().add(RISE));
      meanwhile.happen();
    } finally {
      first.resume();
    }
    Read ownAnswer = NodeClient.await(answer);
    long refused = first.http().stats().refused() - refusedBefore;
    Slot slot = first.http().slot(id);
    // Process 1 comes last: it may still be without ZooKeeper, which only a hit does not need.
    List<NodeProcess> readers = new ArrayList<>(stage.nodes());
    Collections.rotate(readers, -1);
    List<Read> laterReads = new ArrayList<>();
    for (NodeProcess node : readers) {
      laterReads.add(node.http().read(id));
    }
    return new LateWrite(
        row, update, sessionGoneMillis, refused, ownAnswer, slot, List.copyOf(laterReads));
  }

  /** Notes and expects what is the same whatever happened meanwhile. */
  void tell(Notes notes) {
    String oldVersion = Long.toString(read.rowVersion());
    String newVersion = update.version();
    notes.figure("session of the stopped process gone after", sessionGoneMillis, "ms");
    notes.figure("version that process 1 read", oldVersion);
    notes.figure("version that process 2 wrote", newVersion);
    notes.figure("late writes refused", refused);
    notes.figure("Redis after the late write", slotText());
    notes.figure("answer to the caller of process 1", answerText(ownAnswer));
    notes.expect(
        update.version().compareTo(oldVersion) > 0,
        "version %s is not newer than %s".formatted(newVersion, oldVersion));
    notes.expect(refused == 1, "process 1 counts %d refused writes, not 1".formatted(refused));
    notes.figure(
        "versions read later, by each process",
        laterReads.stream().map(Read::version).distinct().collect(Collectors.joining(" ")));
    notes.expect(
        laterReads.stream().allMatch(later -> newVersion.equals(later.version())),
        "not every later read got version %s".formatted(newVersion));
  }

  private String slotText() {
    return slot.version() == null ? slot.state() : slot.state() + " " + slot.version();
  }

  private static String answerText(Read answer) {
    return "%s, %s".formatted(answer.price(), answer.source());
  }

  private static String onlyLock(Stage stage) throws Exception {
    List<String> found = new ArrayList<>();
    stage.await(
        "one process holds a lock",
        () -> {
          found.clear();
          found.addAll(stage.locks().held());
          return found.size() == 1;
        });
    return found.get(0);
  }
}
