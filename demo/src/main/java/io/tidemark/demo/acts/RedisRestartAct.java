package io.tidemark.demo.acts;

import io.tidemark.demo.acts.JudgedCalls.Counts;

/** Redis is stopped under load, and comes back empty. */
final class RedisRestartAct implements Act {
  private static final int READS_BETWEEN = 200;
  private static final int CALLS_WITHOUT_REDIS = 50;

  @Override
  public String name() {
    return "redis-restart";
  }

  @Override
  public String title() {
    return "Redis restarted under load";
  }

  @Override
  public String promise() {
    return "no answer was wrong while Redis was away, or after it came back empty";
  }

  @Override
  public Setting setting() {
    return Setting.SINGLE_SERVERS;
  }

  @Override
  public void play(DemoStage stage, Notes notes) throws Exception {
    try (Guests guests = stage.invite(StageNodes.Kind.DEFAULTS, "plain 1", "plain 2");
        JudgedLoad load = JudgedLoad.start(stage, Balancer.of(guests.all()))) {
      load.awaitReads(READS_BETWEEN);
      stage.withoutRedis(() -> load.awaitCalls(CALLS_WITHOUT_REDIS));
      long before = load.calls().counts().reads();
      load.awaitReads(READS_BETWEEN);
      notes.did(
          "%s, through two more processes that were started with every default. Redis was stopped, until %d more calls had ended, and started again, empty. A call that cannot have a right answer fails: those are counted, and not judged."
              .formatted(JudgedLoad.text(), CALLS_WITHOUT_REDIS));
      Counts counts = load.end(notes);
      notes.figure("reads after Redis was back", counts.reads() - before);
      notes.score(
          "%d reads, %d wrong answers; %d calls failed"
              .formatted(counts.reads(), counts.wrong(), counts.failures()));
      expect(notes, counts, counts.reads() - before);
    }
  }

  /** The verdict. */
  static void expect(Notes notes, Counts counts, long readsAfter) {
    notes.expect(counts.wrong() == 0, "%d answers were wrong".formatted(counts.wrong()));
    notes.expect(readsAfter > 0, "no read was answered after Redis was back");
  }
}
