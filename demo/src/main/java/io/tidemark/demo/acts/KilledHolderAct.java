package io.tidemark.demo.acts;

import io.tidemark.demo.acts.NodeAnswers.Read;
import io.tidemark.demo.acts.NodeAnswers.Session;
import io.tidemark.demo.acts.NodeAnswers.Stampede;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Act 5: the process that loads for the whole fleet is killed. It is the last act of process 1. */
final class KilledHolderAct implements Act {
  private static final long PRODUCT = 6;
  private static final String HOLD = "killed";
  private static final long MICROS_PER_MILLI = 1_000;

  @Override
  public String title() {
    return "Killed holder";
  }

  @Override
  public String promise() {
    return "a waiter took over, and nobody got an error";
  }

  @Override
  public void play(Stage stage, Notes notes) throws Exception {
    stage.awaitAbleToLoad();
    NodeProcess holder = stage.node(1);
    List<NodeProcess> others = stage.nodes().subList(1, stage.nodes().size());
    Session session = holder.http().session();
    long readsBefore = stage.database().reads();
    CompletableFuture<Read> lost = holder.http().heldRead(PRODUCT, HOLD);
    stage.awaitHeld(holder, HOLD, 1, lost);

    Map<NodeProcess, Long> missesBefore = new HashMap<>();
    for (NodeProcess node : others) {
      missesBefore.put(node, node.http().stats().misses());
    }
    List<CompletableFuture<Stampede>> waiting =
        Rush.start(others, PRODUCT, NodeClient.Mode.PROTECTED, Stage.DB_LATENCY);
    for (NodeProcess node : others) {
      long all = missesBefore.getOrDefault(node, 0L) + Stage.CALLERS;
      stage.await("every caller waits", () -> node.http().stats().misses() >= all);
    }
    boolean wasLoading = !lost.isDone();
    long killedAtMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    holder.kill();
    stage.endSession(session);

    Rush rush = new Rush(Rush.await(waiting), stage.database().reads() - readsBefore);
    long tookMillis = (rush.lastAnsweredAtMicros() - killedAtMicros) / MICROS_PER_MILLI;
    notes.did(
        "Process 1 took the lock and read the row; %d callers in the other %s waited for it. Then it was killed (kill -9) in the middle of its load, and its ZooKeeper session ended, at once instead of after its timeout."
            .formatted(
                rush.callers(), others.size() == 1 ? "process" : others.size() + " processes"));
    notes.figure("callers who waited", rush.callers());
    notes.figure("callers who got an error", rush.errors());
    notes.figure("database reads, the killed one included", rush.reads());
    notes.figure("from the kill to the last answer", tookMillis, "ms");
    notes.expect(wasLoading, "the load had ended before the process was killed");
    notes.expect(rush.errors() == 0, "%d callers got an error".formatted(rush.errors()));
    notes.expect(rush.reads() == 2, "the database counted %d reads, not 2".formatted(rush.reads()));
  }
}
