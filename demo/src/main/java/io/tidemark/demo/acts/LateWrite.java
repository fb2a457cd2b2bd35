package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeAnswers.Read;
import io.tidemark.demo.client.NodeAnswers.Session;
import io.tidemark.demo.client.NodeAnswers.Slot;
import io.tidemark.demo.client.NodeAnswers.Update;
import io.tidemark.demo.client.NodeClient;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * A process reads a row, sleeps through the end of its ZooKeeper session and an update by another,
 * wakes up, and writes what it read. Its load is held from the moment that it has read the row
 * until it has woken up, so that every step comes in its turn however long it takes.
 *
 * @param read the row that the first process read
 * @param update what the second process wrote
 * @param refused how many fills the first process was refused
 * @param ownAnswer what the caller of the first process got in the end
 * @param slot what Redis held right after that
 * @param laterReads what each process read then, process 1 last
 */
record LateWrite(
    DatabaseView.Row read,
    Update update,
    long refused,
    Read ownAnswer,
    Slot slot,
    List<Read> laterReads) {
  private static final BigDecimal RISE = new BigDecimal("100.00");

  /** What happens after the update, before the first process wakes up. */
  @FunctionalInterface
  interface Meanwhile {
    void happen() throws Exception;
  }

  /** Plays it with processes 1 and 2. Process 1 runs again afterwards, whatever happened. */
  static LateWrite play(DemoStage stage, long id, Meanwhile meanwhile) throws Exception {
    stage.awaitAbleToLoad();
    NodeProcess first = stage.node(1);
    String hold = "late-write-" + id;
    DatabaseView.Row row = stage.database().row(id);
    long refusedBefore = first.http().stats().refused();
    Session session = first.http().session();
    CompletableFuture<Read> answer = first.http().heldRead(id, hold);
    stage.awaitHeld(first, hold, 1, answer);
    first.pause();
    Update update;
    try {
      stage.endSession(session);
      update = stage.node(2).http().update(row.product(), row.product().price().add(RISE));
      meanwhile.happen();
    } catch (Exception e) {
      DemoStage.addingFailure(e, first::resume);
      throw e;
    }
    first.resume();
    first.http().open(hold);
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
    return new LateWrite(row, update, refused, ownAnswer, slot, List.copyOf(laterReads));
  }

  /** Notes and expects what is the same whatever happened meanwhile. */
  void tell(Notes notes) {
    String oldVersion = Long.toString(read.rowVersion());
    String newVersion = update.version();
    notes.score("1 late write, %d refused, %d wrong answers".formatted(refused, wrongReads()));
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
    notes.expect(wrongReads() == 0, "not every later read got version %s".formatted(newVersion));
  }

  private long wrongReads() {
    return laterReads.stream().filter(later -> !later.version().equals(update.version())).count();
  }

  private String slotText() {
    return slot.version() == null ? slot.state() : slot.state() + " " + slot.version();
  }

  private static String answerText(Read answer) {
    return "%s, %s".formatted(answer.price(), answer.source());
  }
}
