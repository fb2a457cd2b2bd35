package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeAnswers.Product;
import io.tidemark.demo.client.NodeClient;
import io.tidemark.servers.RedisCluster;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** Each master of the Redis Cluster hands over to its replica, under load. */
final class FailoverAct implements Act {
  private static final long FIRST_PRODUCT = 41;
  private static final int PRODUCTS = 30;
  private static final int READERS_EACH = 2;
  private static final int READS_BETWEEN = 200;

  @Override
  public String name() {
    return "redis-failover";
  }

  @Override
  public String title() {
    return "Failover of every Redis master";
  }

  @Override
  public String promise() {
    return "no read was older than an acknowledged update, and each product was loaded at most once"
        + " for the failover of its master and for each call that failed";
  }

  @Override
  public Setting setting() {
    return Setting.FLEET;
  }

  @Override
  public void play(DemoStage stage, Notes notes) throws Exception {
    for (long id = FIRST_PRODUCT; id < FIRST_PRODUCT + PRODUCTS; id++) {
      stage.node(1).http().read(id);
    }
    long loadsBefore = stage.database().reads();
    FailoverJudge judge = new FailoverJudge();
    AtomicBoolean over = new AtomicBoolean();
    List<CompletableFuture<Void>> callers = startCallers(stage, judge, over);
    int failovers;
    try {
      failovers = failOverAll(stage, judge, callers);
    } finally {
      over.set(true);
    }
    for (CompletableFuture<Void> caller : callers) {
      NodeClient.await(caller);
    }
    tell(notes, judge, failovers, stage.database().reads() - loadsBefore);
    expectRowsOfTheDatabase(stage, notes);
  }

  private static void tell(Notes notes, FailoverJudge judge, int failovers, long loads) {
    notes.did(
        "%d products were cached, and read by %d callers of each process and updated by one, while one master of the Redis Cluster after the other handed over to its replica (CLUSTER FAILOVER, as before work on a machine). Each answer to a read was compared with the updates that had been acknowledged before the read began."
            .formatted(PRODUCTS, READERS_EACH));
    notes.score(
        "%d failovers, %d reads, %d of them wrong"
            .formatted(failovers, judge.reads(), judge.stepsBack()));
    notes.figure("masters that handed over", failovers);
    notes.figure("reads", judge.reads());
    notes.figure("updates acknowledged", judge.updates());
    notes.figure("calls that failed", judge.failures());
    notes.figure("reads older than an acknowledged update", judge.stepsBack());
    notes.figure("loads per product", loads / (double) PRODUCTS);
    notes.expect(judge.stepsBack() == 0, judge.stepsBack() + " reads stepped back");
    notes.expect(
        loads <= PRODUCTS + judge.failures(),
        "%d products were loaded %d times, and %d calls failed"
            .formatted(PRODUCTS, loads, judge.failures()));
  }

  /** Goes on from one failover to the next when callers of the new master had their answers. */
  private static int failOverAll(
      DemoStage stage, FailoverJudge judge, List<CompletableFuture<Void>> callers)
      throws Exception {
    RedisCluster cluster = stage.cluster();
    awaitMoreReads(stage, judge, callers);
    int failovers = 0;
    for (int number = 1; number <= RedisCluster.NODES; number++) {
      if (!cluster.isMaster(number) && failovers < RedisCluster.NODES / 2) {
        cluster.failOver(number);
        failovers++;
        awaitMoreReads(stage, judge, callers);
      }
    }
    return failovers;
  }

  private static void awaitMoreReads(
      DemoStage stage, FailoverJudge judge, List<CompletableFuture<Void>> callers)
      throws Exception {
    int enough = judge.reads() + READS_BETWEEN;
    stage.await(
        "callers had %d answers".formatted(enough),
        () -> {
          for (CompletableFuture<Void> caller : callers) {
            if (caller.isCompletedExceptionally()) {
              NodeClient.await(caller);
            }
          }
          return judge.reads() >= enough;
        });
  }

  private static List<CompletableFuture<Void>> startCallers(
      DemoStage stage, FailoverJudge judge, AtomicBoolean over) {
    List<CompletableFuture<Void>> callers = new ArrayList<>();
    int number = 0;
    for (NodeProcess node : stage.nodes()) {
      for (int reader = 0; reader < READERS_EACH; reader++) {
        callers.add(start(over, number++, id -> judge.read(node.http(), id)));
      }
      callers.add(start(over, number++, id -> judge.update(node.http(), product(id))));
    }
    return callers;
  }

  private static Product product(long id) {
    return new Product(id, "Product " + id, BigDecimal.valueOf(System.nanoTime() % 100_000, 2), 1);
  }

  private interface Call {
    void make(long id) throws InterruptedException;
  }

  /** Makes calls of one product after the other, beginning elsewhere than the other callers. */
  private static CompletableFuture<Void> start(AtomicBoolean over, int number, Call call) {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                for (int next = 7 * number; !over.get(); next++) {
                  call.make(FIRST_PRODUCT + next % PRODUCTS);
                }
                ended.complete(null);
              } catch (InterruptedException | RuntimeException e) {
                ended.completeExceptionally(e);
              }
            },
            "caller " + number);
    thread.setDaemon(true);
    thread.start();
    return ended;
  }

  private static void expectRowsOfTheDatabase(DemoStage stage, Notes notes) throws Exception {
    for (long id = FIRST_PRODUCT; id < FIRST_PRODUCT + PRODUCTS; id++) {
      String committed = Long.toString(stage.database().row(id).rowVersion());
      for (NodeProcess node : stage.nodes()) {
        String read = node.http().read(id).version();
        notes.expect(
            read.equals(committed),
            "%s read version %s of product %d, and the database has %s"
                .formatted(node.name(), read, id, committed));
      }
    }
  }
}
