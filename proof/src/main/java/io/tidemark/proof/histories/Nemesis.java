package io.tidemark.proof.histories;

import io.tidemark.servers.ZooKeeperServer;
import io.tidemark.testkit.TcpProxy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Carries out a {@link FaultPlan} on a fleet, and mends everything in the end. One thread runs it;
 * its counts may be read by any.
 */
final class Nemesis {
  private static final Logger LOG = LoggerFactory.getLogger(Nemesis.class);
  private static final int LONGEST_JUMP_MILLIS = 3_000;

  private final WorkerFleet fleet;
  private final RedisNemesis redis;
  private final Supplier<String> firstCommand;

  /** Servers of ZooKeeper that are to be started again. */
  private final List<ZooKeeperServer> killed = new ArrayList<>();

  private final Map<FaultKind, Integer> counts = new EnumMap<>(FaultKind.class);

  /**
   * For one run.
   *
   * @param keys whose slots are deleted
   * @param firstCommand what each worker is told that is started again, before its next fault
   */
  Nemesis(WorkerFleet fleet, List<String> keys, Supplier<String> firstCommand) {
    this.fleet = fleet;
    this.redis = new RedisNemesis(fleet, keys);
    this.firstCommand = firstCommand;
  }

  private enum Phase {
    BEGIN,
    END
  }

  private record Step(long atMillis, Phase phase, FaultPlan.Fault fault) {}

  /** Carries out the plan; returns when its last fault has ended. */
  void run(FaultPlan plan) throws Exception {
    List<Step> steps = new ArrayList<>();
    for (FaultPlan.Fault fault : plan.faults()) {
      steps.add(new Step(fault.beginMillis(), Phase.BEGIN, fault));
      steps.add(new Step(fault.endMillis(), Phase.END, fault));
    }
    steps.sort(Comparator.comparingLong(Step::atMillis).thenComparing(Step::phase));
    long startNanos = System.nanoTime();
    for (Step step : steps) {
      sleepUntil(startNanos + TimeUnit.MILLISECONDS.toNanos(step.atMillis()));
      if (step.phase() == Phase.BEGIN) {
        attempt(step.fault());
      } else {
        end(step.fault());
      }
    }
  }

  /** How often a replica of Redis took over so far. */
  int failovers() {
    return redis.failovers();
  }

  /** How many faults of each kind were begun so far. */
  synchronized Map<FaultKind, Integer> counts() {
    return new EnumMap<>(counts);
  }

  /** A fault that could not be made because of another one is none; the run goes on. */
  private void attempt(FaultPlan.Fault fault) throws Exception {
    try {
      begin(fault);
      count(fault.kind());
    } catch (IOException | JedisException e) {
      LOG.warn("{} could not be made", fault, e);
    }
  }

  private synchronized void count(FaultKind kind) {
    counts.merge(kind, 1, Integer::sum);
  }

  private static void sleepUntil(long nanos) throws InterruptedException {
    long left = nanos - System.nanoTime();
    if (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }

  private void begin(FaultPlan.Fault fault) throws Exception {
    Random random = new Random(fault.seed());
    switch (fault.kind().victim()) {
      case WORKER -> beginOnWorker(fault.kind(), fleet.workers().get(fault.victim()), random);
      case ZOOKEEPER -> beginOnZooKeeper(fault);
      case REDIS -> redis.begin(fault.kind(), random);
      case LOCK_SERVER -> {
        if (fault.kind() == FaultKind.RESTART_LOCK_SERVER) {
          fleet.lockServer(fault.victim()).kill();
        } else {
          fleet.lockServer(fault.victim()).pause();
        }
      }
    }
  }

  private void beginOnWorker(FaultKind kind, WorkerProcess worker, Random random) throws Exception {
    WorkerNetwork network = worker.network();
    switch (kind) {
      case PAUSE_SHORT, PAUSE_LONG -> worker.child().pause();
      case KILL_WORKER -> worker.child().kill();
      case EXPIRE_SESSION -> tell(worker, "expire");
      case MOVE_CLOCK ->
          tell(
              worker,
              "clock %d %s"
                  .formatted(random.nextInt(LONGEST_JUMP_MILLIS), 0.5 + 1.5 * random.nextDouble()));
      case RESET_REDIS -> network.redis().forEach(TcpProxy::reset);
      case REFUSE_REDIS -> network.redis().forEach(TcpProxy::refuse);
      case SWALLOW_REDIS -> network.redis().forEach(TcpProxy::swallow);
      case SWALLOW_REPLIES_OF_REDIS -> network.redis().forEach(TcpProxy::swallowReplies);
      case RESET_ZOOKEEPER -> network.zookeeper().forEach(TcpProxy::reset);
      case REFUSE_ZOOKEEPER -> network.zookeeper().forEach(TcpProxy::refuse);
      case SWALLOW_ZOOKEEPER -> network.zookeeper().forEach(TcpProxy::swallow);
      case SWALLOW_REPLIES_OF_ZOOKEEPER -> network.zookeeper().forEach(TcpProxy::swallowReplies);
      case RESET_POSTGRES -> network.postgres().reset();
      case REFUSE_POSTGRES -> network.postgres().refuse();
      case SWALLOW_POSTGRES -> network.postgres().swallow();
      case SWALLOW_REPLIES_OF_POSTGRES -> network.postgres().swallowReplies();
      default -> throw new IllegalArgumentException(kind + " is not for workers");
    }
  }

  private void beginOnZooKeeper(FaultPlan.Fault fault) throws Exception {
    List<ZooKeeperServer> servers = fleet.zookeeper();
    ZooKeeperServer victim = servers.get(fault.victim());
    switch (fault.kind()) {
      case KILL_ZOOKEEPER -> kill(victim);
      case KILL_ZOOKEEPER_LEADER ->
          kill(servers.stream().filter(ZooKeeperServer::isLeader).findAny().orElse(victim));
      case LOSE_ZOOKEEPER_MAJORITY -> {
        kill(victim);
        kill(servers.get((fault.victim() + 1) % servers.size()));
      }
      default -> victim.child().pause();
    }
  }

  private void kill(ZooKeeperServer server) throws IOException, InterruptedException {
    killed.add(server);
    server.child().kill();
  }

  private void restartKilled() throws IOException, InterruptedException {
    for (ZooKeeperServer server : killed) {
      server.restart();
    }
    killed.clear();
  }

  private static void tell(WorkerProcess worker, String command)
      throws IOException, InterruptedException {
    String answer = worker.command(command);
    if (!answer.equals(WorkerProgram.DONE)) {
      throw new IOException("%s was told %s: %s".formatted(worker, command, answer));
    }
  }

  private void end(FaultPlan.Fault fault) throws Exception {
    if (fault.kind().victim() == FaultKind.Victim.REDIS) {
      redis.end(fault.kind());
      return;
    }
    switch (fault.kind()) {
      case PAUSE_SHORT, PAUSE_LONG -> worker(fault).child().resume();
      case KILL_WORKER -> worker(fault).restart(firstCommand.get());
      case KILL_ZOOKEEPER, KILL_ZOOKEEPER_LEADER, LOSE_ZOOKEEPER_MAJORITY -> restartKilled();
      case PAUSE_ZOOKEEPER -> fleet.zookeeper().get(fault.victim()).child().resume();
      case RESTART_LOCK_SERVER -> fleet.restartLockServer(fault.victim());
      case PAUSE_LOCK_SERVER -> fleet.lockServer(fault.victim()).resume();
      case REFUSE_REDIS, SWALLOW_REDIS, SWALLOW_REPLIES_OF_REDIS ->
          worker(fault).network().redis().forEach(TcpProxy::forward);
      case REFUSE_ZOOKEEPER, SWALLOW_ZOOKEEPER, SWALLOW_REPLIES_OF_ZOOKEEPER ->
          worker(fault).network().zookeeper().forEach(TcpProxy::forward);
      case REFUSE_POSTGRES, SWALLOW_POSTGRES, SWALLOW_REPLIES_OF_POSTGRES ->
          worker(fault).network().postgres().forward();
      default -> {
        // It was over as soon as it had begun.
      }
    }
  }

  private WorkerProcess worker(FaultPlan.Fault fault) {
    return fleet.workers().get(fault.victim());
  }
}
