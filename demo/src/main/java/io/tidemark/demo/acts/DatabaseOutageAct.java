package io.tidemark.demo.acts;

import io.tidemark.demo.acts.JudgedCalls.Counts;
import io.tidemark.demo.services.ServerName;

/** The database is gone for as long as it takes to see that readers do without it. */
final class DatabaseOutageAct implements Act {
  private static final int READS_BETWEEN = 100;
  private static final int STALE_READS = 40;

  @Override
  public String name() {
    return "database-outage";
  }

  @Override
  public String title() {
    return "Database gone, with fail-safe";
  }

  @Override
  public String promise() {
    return "reads were answered with expired values while the database was away, and with rows of"
        + " it afterwards; none was older than an acknowledged update";
  }

  @Override
  public void play(DemoStage stage, Notes notes) throws Exception {
    String database = ServerName.POSTGRES.text();
    try (Guests guests = stage.invite(StageNodes.Kind.FAIL_SAFE, "fail-safe 1", "fail-safe 2");
        JudgedLoad load = JudgedLoad.start(stage, Balancer.of(guests.all()))) {
      load.awaitReads(READS_BETWEEN);
      load.endUpdates();
      load.awaitReads(READS_BETWEEN);
      stage.servers().stop(database);
      long staleBefore = load.calls().counts().stale();
      try {
        load.await(
            "%d reads were answered with expired values".formatted(STALE_READS),
            () -> load.calls().counts().stale() >= staleBefore + STALE_READS);
      } finally {
        stage.servers().start(database);
      }
      long stale = load.calls().counts().stale() - staleBefore;
      long loadsBefore = stage.database().reads();
      load.await("the database is read again", () -> stage.database().reads() > loadsBefore);
      load.awaitReads(READS_BETWEEN);
      notes.did(
          "%s, through two more processes whose entries expire after a second and are kept for an hour (--grace), to be served while the database is away (--on-load-failure=stale). The changes ended (one that fails leaves no entry behind), and PostgreSQL was stopped until %d reads had been answered with expired values, and started again."
              .formatted(JudgedLoad.text(), STALE_READS));
      long loads = stage.database().reads() - loadsBefore;
      notes.figure("reads with expired values", stale);
      notes.figure("database reads afterwards", loads);
      Counts counts = load.end(notes);
      notes.score(
          "%d reads with expired values, %d wrong answers; %d calls failed"
              .formatted(stale, counts.wrong(), counts.failures()));
      expect(notes, counts, stale, loads);
    }
  }

  /** The verdict. */
  static void expect(Notes notes, Counts counts, long stale, long loadsAfterwards) {
    notes.expect(
        stale >= STALE_READS,
        "%d reads were answered with expired values, not %d".formatted(stale, STALE_READS));
    notes.expect(loadsAfterwards > 0, "the database was not read when it was back");
    notes.expect(counts.wrong() == 0, "%d answers were wrong".formatted(counts.wrong()));
  }
}
