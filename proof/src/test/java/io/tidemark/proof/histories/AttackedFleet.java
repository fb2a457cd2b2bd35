package io.tidemark.proof.histories;

import io.tidemark.processes.ProcessGroup;
import io.tidemark.proof.histories.SafeguardsOffIT.Trial;
import io.tidemark.proof.safeguards.EditedCopies;
import io.tidemark.servers.ZooKeeperServer;
import java.io.File;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import redis.clients.jedis.RedisClient;

/**
 * The servers that all trials share, the workers that lack nothing, and for each trial that needs
 * one a suspect of its own. Thread-safe.
 */
final class AttackedFleet {
  /** More than the servers take to start on a slow machine. */
  private static final int START_MINUTES = 20;

  /** Held for writing by a trial that must be alone, for reading by the others. */
  private final ReadWriteLock stageLock = new ReentrantReadWriteLock(true);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final EditedCopies copies = new EditedCopies();
  private final CompletableFuture<Servers> started = new CompletableFuture<>();
  private final CompletableFuture<Integer> ended = new CompletableFuture<>();
  private final CountDownLatch notNeeded = new CountDownLatch(1);
  private final Map<WorkerSetup, WorkerProcess> others = new EnumMap<>(WorkerSetup.class);
  private final Map<WorkerSetup, WorkerProcess> safeSuspects = new EnumMap<>(WorkerSetup.class);

  private record Servers(
      Path directory, WorkerFleet fleet, RedisClient redis, CuratorFramework curator) {}

  /** Starts the servers. */
  void start() throws Exception {
    // The group belongs to the thread that runs it.
    Thread owner = new Thread(this::own, "attacked-fleet");
    owner.setDaemon(true);
    owner.start();
    started.get(START_MINUTES, TimeUnit.MINUTES);
  }

  /** Plays an attack; returns what was broken by it. */
  List<HistoryViolation> play(Trial trial) throws Exception {
    Servers servers = started.get();
    WorkerSetup setup = trial.attack().setup();
    WorkerProcess other = worker(others, setup);
    WorkerProcess suspect =
        trial.edits().isEmpty() ? worker(safeSuspects, setup) : startSuspect(trial);
    other.awaitReady();
    suspect.awaitReady();
    AttackStage stage =
        new AttackStage(
            trial.key(),
            suspect,
            other,
            servers.redis(),
            servers.curator(),
            servers.fleet().jdbcUrl(),
            threads);
    Lock lock = trial.needsSolitude() ? stageLock.writeLock() : stageLock.readLock();
    lock.lock();
    try {
      trial.attack().play(stage);
    } finally {
      lock.unlock();
    }
    if (!trial.edits().isEmpty()) {
      suspect.kill();
    }
    return violations(trial);
  }

  /** Ends all processes. */
  void end() throws Exception {
    notNeeded.countDown();
    threads.shutdownNow();
    copies.close();
    int unused = ended.get(START_MINUTES, TimeUnit.MINUTES);
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever ends it, those who wait must hear of it.
  private void own() {
    try {
      ended.complete(
          ProcessGroup.run(
              group -> {
                try (WorkerFleet fleet =
                        WorkerFleet.startServers(group, LockKind.ZOOKEEPER, 1, RedisKind.SINGLE);
                    RedisClient redis = fleet.redisClient();
                    CuratorFramework curator =
                        CuratorFrameworkFactory.newClient(
                            ZooKeeperServer.addresses(fleet.zookeeper()), new RetryOneTime(100))) {
                  curator.start();
                  started.complete(new Servers(group.directory(), fleet, redis, curator));
                  notNeeded.await();
                }
                return 0;
              }));
    } catch (Throwable t) {
      started.completeExceptionally(t);
      ended.completeExceptionally(t);
    }
  }

  private synchronized WorkerProcess worker(
      Map<WorkerSetup, WorkerProcess> workers, WorkerSetup setup) throws Exception {
    WorkerProcess worker = workers.get(setup);
    if (worker == null) {
      worker = started.get().fleet().addWorker(System.getProperty("java.class.path"), setup);
      workers.put(setup, worker);
    }
    return worker;
  }

  private WorkerProcess startSuspect(Trial trial) throws Exception {
    Servers servers = started.get();
    Path edited = servers.directory().resolve(trial.name());
    copies.writeTo(edited, trial.edits());
    String classPath = edited + File.pathSeparator + System.getProperty("java.class.path");
    return servers.fleet().addWorker(classPath, trial.attack().setup());
  }

  /**
   * Judged while nobody plays: a history is read between operations. Coarse versions tie, which is
   * what they are for here.
   */
  private List<HistoryViolation> violations(Trial trial) throws Exception {
    stageLock.writeLock().lock();
    try {
      return HistoryChecker.check(started.get().fleet().collectHistory()).stream()
          .filter(violation -> Objects.equals(violation.key(), trial.key()))
          .filter(violation -> violation.rule() != HistoryRule.VERSIONS_GROW)
          .toList();
    } finally {
      stageLock.writeLock().unlock();
    }
  }
}
