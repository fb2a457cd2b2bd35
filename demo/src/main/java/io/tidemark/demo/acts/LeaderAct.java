package io.tidemark.demo.acts;

import io.tidemark.demo.acts.JudgedCalls.Counts;

/** On a fleet: the leader of the ZooKeeper ensemble is killed under load. */
final class LeaderAct implements Act {
  private static final int READS_BETWEEN = 200;

  @Override
  public String name() {
    return "zookeeper-leader";
  }

  @Override
  public String title() {
    return "Leader of ZooKeeper killed";
  }

  @Override
  public String promise() {
    return "the other two elected a leader, loads went on under its locks, and no answer was wrong";
  }

  @Override
  public Setting setting() {
    return Setting.FLEET;
  }

  @Override
  public void play(DemoStage stage, Notes notes) throws Exception {
    stage.awaitAbleToLoad();
    try (JudgedLoad load = JudgedLoad.start(stage, Balancer.of(stage.nodes()))) {
      load.awaitReads(READS_BETWEEN);
      String leader = stage.fleet().leader().orElseThrow();
      stage.fleet().kill(leader);
      String next;
      long loadsBefore;
      try {
        load.await("another server leads", () -> stage.fleet().leader().isPresent());
        load.awaitReads(READS_BETWEEN);
        next = stage.fleet().leader().orElseThrow();
        load.endUpdates();
        loadsBefore = stage.database().reads();
        evictAll(stage);
        load.await(
            "each product was loaded again",
            () -> stage.database().reads() >= loadsBefore + JudgedLoad.PRODUCTS);
      } finally {
        stage.servers().start(leader);
      }
      load.awaitReads(READS_BETWEEN);
      notes.did(
          "%s. The leader of the ensemble was killed (kill -9). When another led and calls had been answered, the changes ended and Redis lost all products, so that each had to be loaded under a lock of the two that were left; then the killed one was started again."
              .formatted(JudgedLoad.text()));
      notes.figure("leader that was killed", leader);
      notes.figure("leader after it", next);
      long loads = stage.database().reads() - loadsBefore;
      notes.figure("loads under the new leader", loads);
      Counts counts = load.end(notes);
      notes.score(
          "%s killed, %d loads under %s, %d wrong answers; %d calls failed"
              .formatted(leader, loads, next, counts.wrong(), counts.failures()));
      expect(notes, counts, leader, next, loads);
    }
  }

  /** The verdict. */
  static void expect(Notes notes, Counts counts, String leader, String next, long loads) {
    notes.expect(!next.equals(leader), "%s led before and after".formatted(leader));
    notes.expect(
        loads >= JudgedLoad.PRODUCTS, "only %d products were loaded again".formatted(loads));
    notes.expect(counts.wrong() == 0, "%d answers were wrong".formatted(counts.wrong()));
  }

  private static void evictAll(DemoStage stage) {
    for (long id = JudgedLoad.FIRST_PRODUCT;
        id < JudgedLoad.FIRST_PRODUCT + JudgedLoad.PRODUCTS;
        id++) {
      stage.evict(id);
    }
  }
}
