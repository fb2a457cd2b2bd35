package io.tidemark.demo.acts;

import io.tidemark.demo.acts.JudgedCalls.Counts;
import io.tidemark.demo.client.NodeAnswers.Product;
import io.tidemark.demo.client.NodeAnswers.Read;
import io.tidemark.demo.client.NodeAnswers.Session;
import io.tidemark.demo.client.NodeClient;
import io.tidemark.demo.services.ProductTable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Other caches of the usual kind meet the faults that Tidemark meets, at the same time and in the
 * same processes, and one judge looks at the answers of all.
 */
final class RivalsAct implements Act {
  private static final long FIRST_PRODUCT = 71;
  private static final int ROUNDS = 6;
  private static final int READS_EACH = 26;
  private static final BigDecimal OLD_PRICE = new BigDecimal("100.00");
  private static final BigDecimal NEW_PRICE = new BigDecimal("200.00");

  private static final Side LOCK_AND_SET = Side.rival("lock and SET", "lock-and-set");
  private static final Side COMPARE_NEWER = Side.rival("compare newer", "compare-newer");

  /** Shown, and not judged: its entries live for 10 seconds, and a machine may be slower. */
  private static final Side TTL_ONLY = Side.rival("TTL only", "ttl-only");

  @Override
  public String name() {
    return "rivals";
  }

  @Override
  public String title() {
    return "Rivals under the same faults";
  }

  @Override
  public String promise() {
    return "the same faults made a lock with SET and a script that compares versions answer"
        + " wrongly, and Tidemark never";
  }

  @Override
  public void play(DemoStage stage, Notes notes) throws Exception {
    ProductTable.createForRivals(stage.jdbcUrl());
    List<JudgedCalls> sides = new ArrayList<>();
    for (Side side : List.of(LOCK_AND_SET, COMPARE_NEWER, TTL_ONLY, Side.TIDEMARK)) {
      sides.add(new JudgedCalls(side));
    }
    try (Guests guests = stage.invite(StageNodes.Kind.WITH_RIVALS, "rivals 1", "rivals 2")) {
      for (int round = 0; round < ROUNDS; round++) {
        play(stage, guests, sides, round);
      }
    }
    sides.forEach(side -> notes.calls(side.timedReads()));
    Map<Side, Counts> counts = new LinkedHashMap<>();
    sides.forEach(side -> counts.put(side.side(), side.counts()));
    tell(notes, counts);
    expect(notes, counts);
  }

  /** In every other round Redis also loses the entry that the late write would meet. */
  private static void play(DemoStage stage, Guests guests, List<JudgedCalls> sides, int round)
      throws Exception {
    NodeProcess sleeper = guests.node(1);
    NodeProcess writer = guests.node(2);
    long id = FIRST_PRODUCT + round;
    String hold = "rivals-" + round;
    stage.awaitAbleToLoad(sleeper);
    stage.awaitAbleToLoad(writer);
    Session session = sleeper.http().session();
    update(sides, writer, id, OLD_PRICE);
    evict(stage, sides, id);
    List<CompletableFuture<Read>> held =
        sides.stream().map(side -> side.side().cache().heldRead(sleeper.http(), id, hold)).toList();
    try {
      stage.awaitHeld(sleeper, hold, sides.size(), CompletableFuture.anyOf(answers(held)));
      stage.endSession(session);
      update(sides, writer, id, NEW_PRICE);
      if (round % 2 == 1) {
        evict(stage, sides, id);
      }
    } finally {
      sleeper.http().open(hold);
    }
    for (CompletableFuture<Read> read : held) {
      // Its caller may get an error; what it wrote is what counts.
      CompletableFuture<Void> ended = read.handle((answer, failure) -> null);
      NodeClient.await(ended);
    }
    for (int read = 0; read < READS_EACH; read++) {
      for (JudgedCalls side : sides) {
        side.read(writer.http(), id);
        side.read(sleeper.http(), id);
      }
    }
  }

  private static CompletableFuture<?>[] answers(List<CompletableFuture<Read>> held) {
    return held.toArray(CompletableFuture<?>[]::new);
  }

  private static void update(List<JudgedCalls> sides, NodeProcess node, long id, BigDecimal price)
      throws InterruptedException {
    for (JudgedCalls side : sides) {
      if (!side.update(node.http(), new Product(id, "Product " + id, price, 1))) {
        throw new IllegalStateException(
            "%s could not change product %d".formatted(side.side().title(), id));
      }
    }
  }

  private static void evict(DemoStage stage, List<JudgedCalls> sides, long id) {
    sides.forEach(side -> stage.redis().del(side.side().cache().redisKey(id)));
  }

  private static void tell(Notes notes, Map<Side, Counts> counts) {
    notes.did(
        "Two more processes served four caches each: Tidemark, and three of the kinds that one finds in programs. %d times, on another product each time, all four met the same: process 1 read the row and was slow to write it to Redis; its ZooKeeper session ended; process 2 changed the price; in every other round Redis then lost the entry; and process 1 wrote what it had read."
            .formatted(ROUNDS));
    notes.did(
        "After each round both processes read the product %d times from each cache. An answer is wrong if it is older than a change that was acknowledged before the read began, or than an answer before. (TTL only is not judged: its entries live for 10 s, which is no time on a slow machine.)"
            .formatted(READS_EACH));
    counts.forEach(
        (side, of) ->
            notes.figure(
                side.title(),
                "%d wrong answers, %d reads, %d failed calls"
                    .formatted(of.wrong(), of.reads(), of.failures())));
    notes.score(
        counts.entrySet().stream()
            .filter(side -> !side.getKey().equals(TTL_ONLY))
            .map(
                side ->
                    "%s: %d wrong answers"
                        .formatted(side.getKey().title(), side.getValue().wrong()))
            .collect(Collectors.joining("; ")));
  }

  /** The verdict. */
  static void expect(Notes notes, Map<Side, Counts> counts) {
    counts.forEach(
        (side, of) -> {
          if (side.equals(Side.TIDEMARK)) {
            notes.expect(of.reads() > 0, "no read of Tidemark was answered");
            notes.expect(
                of.wrong() == 0, "%d answers of Tidemark were wrong".formatted(of.wrong()));
          } else if (!side.equals(TTL_ONLY)) {
            notes.expect(
                of.wrong() > 0,
                "%s never answered wrongly, so the comparison shows nothing"
                    .formatted(side.title()));
          }
        });
  }
}
