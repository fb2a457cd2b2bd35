package io.tidemark.demo.acts;

import io.tidemark.LoadProfile;
import io.tidemark.demo.client.NodeAnswers.Read;
import io.tidemark.demo.client.NodeAnswers.Stampede;
import io.tidemark.demo.client.NodeClient;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The process that loads for the others is killed. Both processes of this act were started with
 * every default, so that what it shows is what a cache without options does.
 */
final class KilledHolderAct implements Act {
  private static final long PRODUCT = 6;
  private static final long MICROS_PER_MILLI = 1_000;

  /** Far more than the process lives. */
  private static final Duration NEVER_LOADED = Duration.ofMinutes(1);

  @Override
  public String name() {
    return "killed-holder";
  }

  @Override
  public String title() {
    return "Killed holder";
  }

  @Override
  public String promise() {
    return "a waiter took over, and nobody got an error";
  }

  @Override
  public void play(DemoStage stage, Notes notes) throws Exception {
    try (Guests guests = stage.invite(StageNodes.Kind.DEFAULTS, "plain loader", "plain reader")) {
      play(stage, notes, guests.node(1), guests.node(2));
    }
  }

  private static void play(DemoStage stage, Notes notes, NodeProcess holder, NodeProcess reader)
      throws Exception {
    stage.awaitAbleToLoad(holder);
    stage.awaitAbleToLoad(reader);
    long readsBefore = stage.database().reads();
    CompletableFuture<Read> lost = holder.http().read(PRODUCT, NEVER_LOADED);
    try (LockWatch lock = stage.watchLock(PRODUCT)) {
      stage.await(
          "process 'plain loader' loads",
          () -> stage.database().reads() == readsBefore + 1 && lock.nodes().size() == 1);
      String held = lock.nodes().get(0);
      long missesBefore = reader.http().stats().misses();
      List<CompletableFuture<Stampede>> waiting =
          Rush.start(List.of(reader), PRODUCT, NodeClient.Mode.PROTECTED, StageNodes.DB_LATENCY);
      stage.await(
          "every caller waits",
          () -> reader.http().stats().misses() >= missesBefore + DemoStage.CALLERS);
      boolean wasLoading = !lost.isDone();
      long killedAtMicros = microsNow();
      holder.kill();
      stage.await("ZooKeeper ends the session", () -> !lock.nodes().contains(held));
      long freedAtMicros = microsNow();

      Rush rush = new Rush(Rush.await(waiting), stage.database().reads() - readsBefore);
      tell(notes, rush, wasLoading, killedAtMicros, freedAtMicros);
    }
  }

  private static void tell(
      Notes notes, Rush rush, boolean wasLoading, long killedAtMicros, long freedAtMicros) {
    notes.did(
        "Two more processes were started with every default. One took the lock and read the row; %d callers in the other waited for it. Then the first was killed (kill -9) in the middle of its load, and ZooKeeper ended its session at the session's timeout."
            .formatted(rush.callers()));
    notes.score(
        "%d waited, %d got an error, %d database reads"
            .formatted(rush.callers(), rush.errors(), rush.reads()));
    notes.calls(rush.calls("waiters"));
    notes.figure("callers who waited", rush.callers());
    notes.figure("callers who got an error", rush.errors());
    notes.figure("database reads, the killed one included", rush.reads());
    notes.figure(
        "from the kill to the end of its session", millis(freedAtMicros - killedAtMicros), "ms");
    notes.figure(
        "from the kill to the last answer",
        millis(rush.lastAnsweredAtMicros() - killedAtMicros),
        "ms");
    notes.expect(wasLoading, "the load had ended before the process was killed");
    Duration waited = Duration.of(freedAtMicros - rush.startedAtMicros(), ChronoUnit.MICROS);
    if (waited.compareTo(LoadProfile.NORMAL.deadline().multipliedBy(4).dividedBy(5)) >= 0) {
      // Not the library's: ZooKeeper or the whole machine stood still for seconds.
      notes.did(
          "The session ended only %d s after the callers had begun to wait, later than any default allows for: this run shows nothing."
              .formatted(waited.toSeconds()));
      return;
    }
    notes.expect(rush.errors() == 0, "%d callers got an error".formatted(rush.errors()));
    notes.expect(rush.reads() == 2, "the database counted %d reads, not 2".formatted(rush.reads()));
  }

  private static long microsNow() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  private static long millis(long micros) {
    return micros / MICROS_PER_MILLI;
  }
}
