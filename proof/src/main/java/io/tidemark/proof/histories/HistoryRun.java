package io.tidemark.proof.histories;

import io.tidemark.processes.ProcessGroup;
import io.tidemark.proof.histories.FaultKind.Victim;
import io.tidemark.servers.ZooKeeperServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run: a fleet under load, a nemesis, and the judgement of what was recorded. Immutable.
 *
 * <p>It needs about 1 GB for the servers and the workers, and for the judgement a heap of about 300
 * bytes for each operation: 1 GB for an hour.
 *
 * <p>The load and the faults go on in rounds of the duration, until there is enough to judge: a
 * slow machine needs more of them. What was recorded in all of them is judged.
 *
 * @param duration of a round of load and faults
 * @param seed for the plan of the faults and for what the workers choose
 * @param lock which locks the workers share
 * @param redis what Redis the workers share
 * @param setup what the workers are for
 * @param kinds what fails
 * @param meanPause how long each thread rests between its operations
 */
record HistoryRun(
    Duration duration,
    long seed,
    LockKind lock,
    RedisKind redis,
    WorkerSetup setup,
    Set<FaultKind> kinds,
    Duration meanPause) {
  static final int WORKERS = 4;
  private static final int THREADS_EACH = 4;
  private static final int KEYS = 8;

  /**
   * So many that a process has not written each of them while Redis was away: what it could not
   * publish, it does not read from the store.
   */
  private static final int KEYS_THROUGH_FAILOVERS = 64;

  private static final Duration RECOVERY = Duration.ofMinutes(10);
  private static final Duration LONGEST_SEARCH = Duration.ofMinutes(30);
  private static final int PAUSE_MILLIS = 100;
  private static final Logger LOG = LoggerFactory.getLogger(HistoryRun.class);

  /**
   * Runs it on the calling thread, and judges it. Ends every process that it started.
   *
   * @param isEnough whether what was recorded so far is worth judging
   */
  RunReport run(Predicate<RunReport> isEnough) throws Exception {
    List<RunReport> reports = new ArrayList<>();
    LOG.info("{} of load with locks of {}, Redis {}, seed {}", duration, lock, redis, seed);
    ProcessGroup.run(
        group -> {
          try (WorkerFleet fleet = WorkerFleet.startServers(group, lock, zookeepers(), redis)) {
            reports.add(run(fleet, isEnough));
          }
          return 0;
        });
    if (reports.isEmpty()) {
      throw new InterruptedException("a signal ended the run");
    }
    return reports.get(0);
  }

  private RunReport run(WorkerFleet fleet, Predicate<RunReport> isEnough) throws Exception {
    List<String> keys =
        IntStream.range(0, redis.failsOver() ? KEYS_THROUGH_FAILOVERS : KEYS)
            .mapToObj(i -> "k" + i)
            .toList();
    SplittableRandom seeds = new SplittableRandom(seed);
    for (int i = 0; i < WORKERS; i++) {
      fleet.addWorker(System.getProperty("java.class.path"), setup);
    }
    ExecutorService background = Executors.newCachedThreadPool();
    try {
      Nemesis nemesis = new Nemesis(fleet, keys, () -> loadCommand(seeds.nextLong(), keys));
      for (WorkerProcess worker : fleet.workers()) {
        worker.command(loadCommand(seeds.nextLong(), keys));
      }
      playRounds(fleet, nemesis, isEnough, background);
      awaitRecovery(fleet, keys, background);
      for (WorkerProcess worker : fleet.workers()) {
        worker.command("stop");
      }
      History history = fleet.collectHistory();
      List<HistoryViolation> violations = HistoryChecker.check(history);
      if (!violations.isEmpty()) {
        keep(fleet, history);
      }
      return report(nemesis, history, violations);
    } finally {
      background.shutdownNow();
    }
  }

  private void playRounds(
      WorkerFleet fleet, Nemesis nemesis, Predicate<RunReport> isEnough, ExecutorService background)
      throws Exception {
    long startNanos = System.nanoTime();
    Future<?> progress = background.submit(() -> tellProgress(startNanos, nemesis));
    long round = 0;
    do {
      long roundNanos = System.nanoTime();
      nemesis.run(FaultPlan.of(seed + round, duration, WORKERS, kinds));
      TimeUnit.NANOSECONDS.sleep(roundNanos + duration.toNanos() - System.nanoTime());
      round++;
    } while (!isEnough.test(report(nemesis, fleet.collectHistory(), List.of()))
        && System.nanoTime() - startNanos < LONGEST_SEARCH.toNanos());
    progress.cancel(true);
  }

  /** As many as a fault of one of them needs to leave a majority. */
  private int zookeepers() {
    boolean oneFails = kinds.stream().anyMatch(kind -> kind.victim() == Victim.ZOOKEEPER);
    return oneFails ? ZooKeeperServer.ENSEMBLE : 1;
  }

  private RunReport report(Nemesis nemesis, History history, List<HistoryViolation> violations) {
    return RunReport.of(this, nemesis.counts(), nemesis.failovers(), history, violations);
  }

  /** Saves what a broken rule was found in from the end of the group's directory. */
  private void keep(WorkerFleet fleet, History history) throws IOException {
    Path kept = Files.createDirectories(Path.of("target", "history-" + seed));
    try (Stream<Path> logs = Files.list(fleet.history())) {
      for (Path log : logs.toList()) {
        Files.copy(
            log,
            kept.resolve(Objects.requireNonNull(log.getFileName())),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.write(
        kept.resolve("commits"), history.commits().stream().map(RecordedCommit::toString).toList());
  }

  private String loadCommand(long loadSeed, List<String> keys) {
    return "load %d %d %d %s"
        .formatted(
            loadSeed,
            THREADS_EACH,
            TimeUnit.NANOSECONDS.toMicros(meanPause.toNanos()),
            String.join(",", keys));
  }

  /** Once everything is mended, each worker must be able to read the keys again. */
  private static void awaitRecovery(
      WorkerFleet fleet, List<String> keys, ExecutorService background)
      throws InterruptedException, ExecutionException {
    List<Callable<Void>> workers = new ArrayList<>();
    for (WorkerProcess worker : fleet.workers()) {
      workers.add(
          () -> {
            for (String key : keys) {
              awaitReadable(worker, "run READ " + key);
            }
            awaitReadable(worker, "read-all " + String.join(",", keys));
            return null;
          });
    }
    for (Future<Void> worker : background.invokeAll(workers)) {
      worker.get();
    }
  }

  private static void awaitReadable(WorkerProcess worker, String read) throws Exception {
    long end = System.nanoTime() + RECOVERY.toNanos();
    String answer = worker.command(read);
    while (answer.startsWith(Outcome.FAILED.name())) {
      if (System.nanoTime() > end) {
        throw new TimeoutException(
            "%s cannot \"%s\" %d s after the last fault: %s"
                .formatted(worker, read, RECOVERY.toSeconds(), answer));
      }
      Thread.sleep(PAUSE_MILLIS);
      answer = worker.command(read);
    }
  }

  private void tellProgress(long startNanos, Nemesis nemesis) {
    try {
      while (true) {
        TimeUnit.MINUTES.sleep(1);
        long minutes = TimeUnit.NANOSECONDS.toMinutes(System.nanoTime() - startNanos);
        int faults = nemesis.counts().values().stream().mapToInt(Integer::intValue).sum();
        System.err.printf(
            "history: %d of %d min, %d faults, %d failovers%n",
            minutes, duration.toMinutes(), faults, nemesis.failovers());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
