package io.tidemark.demo.acts;

import io.tidemark.demo.acts.JudgedCalls.Counts;
import io.tidemark.servers.RedisCluster;

/** Each master of the Redis Cluster hands over to its replica, under load. */
final class FailoverAct implements Act {
  private static final long FIRST_PRODUCT = JudgedLoad.FIRST_PRODUCT;
  private static final int PRODUCTS = JudgedLoad.PRODUCTS;
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
    try (JudgedLoad load = JudgedLoad.start(stage, Balancer.of(stage.nodes()))) {
      int failovers = failOverAll(stage.fleet().redis(), load);
      notes.did(
          "%s, while one master of the Redis Cluster after the other handed over to its replica (CLUSTER FAILOVER, as before work on a machine). Each answer to a read was compared with the updates that had been acknowledged before the read began."
              .formatted(JudgedLoad.text()));
      notes.figure("masters that handed over", failovers);
      Counts counts = load.end(notes);
      tell(notes, counts, failovers, stage.database().reads() - loadsBefore);
    }
    expectRowsOfTheDatabase(stage, notes);
  }

  private static void tell(Notes notes, Counts counts, int failovers, long loads) {
    notes.score(
        "%d failovers, %d reads, %d of them wrong"
            .formatted(failovers, counts.reads(), counts.old()));
    notes.figure("loads per product", loads / (double) PRODUCTS);
    expect(notes, counts, loads);
  }

  /** The verdict. */
  static void expect(Notes notes, Counts counts, long loads) {
    notes.expect(counts.old() == 0, counts.old() + " reads stepped back");
    notes.expect(
        loads <= PRODUCTS + counts.failures(),
        "%d products were loaded %d times, and %d calls failed"
            .formatted(PRODUCTS, loads, counts.failures()));
  }

  /** Goes on from one failover to the next when callers of the new master had their answers. */
  private static int failOverAll(RedisCluster cluster, JudgedLoad load) throws Exception {
    load.awaitReads(READS_BETWEEN);
    int failovers = 0;
    for (int number = 1; number <= RedisCluster.NODES; number++) {
      if (!cluster.isMaster(number) && failovers < RedisCluster.NODES / 2) {
        cluster.failOver(number);
        failovers++;
        load.awaitReads(READS_BETWEEN);
      }
    }
    return failovers;
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
