package io.tidemark.proof.histories;

import io.tidemark.servers.RedisNodes;
import io.tidemark.servers.RedisSentinel;
import io.tidemark.testkit.TcpProxy;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * Carries out the faults of Redis, one at a time. What no promise survives it leaves out, as the
 * limits in docs/spec say: a master that a replica has replaced answers no worker before it has
 * noticed. One thread runs it; its count may be read by any.
 */
final class RedisNemesis {
  private static final Logger LOG = LoggerFactory.getLogger(RedisNemesis.class);
  private static final int PATIENCE_MILLIS = 500;
  private static final int POLL_MILLIS = 50;

  /** More than a failover takes, or a replica until it has everything. */
  private static final int MOST_SECONDS = 60;

  /** Less than a master that is cut off takes to notice. */
  private static final int LEAST_LOST_MILLIS = 500;

  private static final int MOST_LOST_MILLIS = 1_800;

  /** A replica that was heard of by now. */
  private static final Pattern FRESH_REPLICA =
      Pattern.compile("slave0:.*state=online,.*lag=[01]\\b");

  private final WorkerFleet fleet;
  private final List<String> keys;
  private final HashSlotMoves moves;
  private Set<Integer> mastersBefore = Set.of();
  private int victim;
  private boolean begun;
  private boolean isToldSoon;
  private final AtomicInteger failovers = new AtomicInteger();

  RedisNemesis(WorkerFleet fleet, List<String> keys) {
    this.fleet = fleet;
    this.keys = keys;
    this.moves = new HashSlotMoves(fleet.redis());
  }

  /** How often a replica took over. */
  int failovers() {
    return failovers.get();
  }

  /**
   * Begins a fault.
   *
   * @throws IOException if it cannot be made now, and nothing was done
   */
  void begin(FaultKind kind, Random random) throws Exception {
    begun = false;
    if (kind.isFailover() || kind == FaultKind.MOVE_HASH_SLOTS) {
      awaitWhole();
    }
    mastersBefore = masters();
    if (mastersBefore.isEmpty()) {
      throw new IOException("Redis has no master");
    }
    victim = List.copyOf(mastersBefore).get(random.nextInt(mastersBefore.size()));
    begun = true;
    isToldSoon = random.nextBoolean();
    switch (kind) {
      case RESTART_REDIS, KILL_MASTER -> nodes().child(victim).kill();
      case PAUSE_REDIS, PAUSE_MASTER -> nodes().child(victim).pause();
      case DELETE_SLOTS -> deleteSlots(random);
      case EVICT -> Eviction.on(fleet.redis(), victim);
      case FLUSH_SCRIPTS -> run(victim, Protocol.Command.SCRIPT, "FLUSH");
      case FLUSH_ALL -> run(victim, Protocol.Command.FLUSHALL);
      case FAIL_OVER -> failOver(random);
      case LOSE_WRITES -> loseWrites(random);
      case ISOLATE_MASTER -> fleet.redis().entrance(victim).swallow();
      case MOVE_HASH_SLOTS ->
          moves.move(slot(keys.get(random.nextInt(keys.size()))), mastersBefore, random);
      default -> throw new IllegalArgumentException(kind + " is not for Redis");
    }
  }

  /** Ends the fault that was begun last, if it was begun. */
  void end(FaultKind kind) throws Exception {
    if (!begun) {
      return;
    }
    Optional<Integer> promoted = kind.isFailover() ? promoted() : Optional.empty();
    switch (kind) {
      case RESTART_REDIS -> nodes().start(victim);
      case KILL_MASTER, LOSE_WRITES -> {
        if (promoted.isPresent()) {
          nodes().startReplica(victim, promoted.get());
        } else {
          nodes().start(victim);
        }
      }
      case PAUSE_REDIS -> resume();
      case PAUSE_MASTER -> {
        resume();
        promoted.ifPresent(this::demote);
      }
      case ISOLATE_MASTER -> {
        fleet.redis().entrance(victim).forward();
        promoted.ifPresent(this::demote);
      }
      default -> {
        // It was over as soon as it had begun.
      }
    }
  }

  private RedisNodes nodes() {
    return fleet.redis().nodes();
  }

  /** As an operator does before work on the master. */
  private void failOver(Random random) throws IOException {
    if (fleet.redis().kind() == RedisKind.SENTINEL) {
      int port = fleet.redis().sentinelPort();
      runAt(port, Protocol.Command.SENTINEL, "FAILOVER", RedisSentinel.MASTER);
      return;
    }
    List<Integer> replicas =
        fleet.redis().numbers().stream().filter(node -> !mastersBefore.contains(node)).toList();
    run(replicas.get(random.nextInt(replicas.size())), Protocol.Command.CLUSTER, "FAILOVER");
  }

  /** Writes go on, the replica gets none of them, and takes over. */
  private void loseWrites(Random random) throws Exception {
    fleet.redis().entrance(victim).swallow();
    try {
      TimeUnit.MILLISECONDS.sleep(
          LEAST_LOST_MILLIS + random.nextInt(MOST_LOST_MILLIS - LEAST_LOST_MILLIS));
    } finally {
      nodes().child(victim).kill();
      fleet.redis().entrance(victim).forward();
    }
  }

  /** What has waited for the master is not answered, unless it is the master still. */
  private void resume() throws Exception {
    if (!fleet.redis().kind().failsOver()) {
      nodes().child(victim).resume();
      return;
    }
    List<TcpProxy> ways =
        fleet.workers().stream().map(worker -> worker.network().redis(victim)).toList();
    ways.forEach(TcpProxy::refuse);
    nodes().child(victim).resume();
    if (!await(() -> knowsItsRole(info(victim)))) {
      throw new IllegalStateException("node " + victim + " does not notice that it has no replica");
    }
    ways.forEach(TcpProxy::forward);
  }

  private static boolean knowsItsRole(String info) {
    return info.contains("role:slave")
        || info.contains("min_slaves_good_slaves:0")
        || FRESH_REPLICA.matcher(info).find();
  }

  /** Tells an old master what it is now; or leaves it to the Sentinel, which takes 10 s for it. */
  private void demote(int master) {
    if (fleet.redis().kind() == RedisKind.SENTINEL && isToldSoon) {
      String port = Integer.toString(fleet.redis().entrance(master).port());
      run(victim, Protocol.Command.REPLICAOF, "127.0.0.1", port);
    }
  }

  /** Waits for a replica to take over, if it does. */
  private Optional<Integer> promoted() throws InterruptedException {
    Set<Integer> promoted = new TreeSet<>();
    if (!await(() -> promoted.addAll(newMasters()))) {
      LOG.warn("no replica took over from {}", mastersBefore);
      return Optional.empty();
    }
    failovers.incrementAndGet();
    return promoted.stream().findFirst();
  }

  /** Waits until each master has a replica that has heard of it lately. */
  private void awaitWhole() throws IOException, InterruptedException {
    if (!await(this::isWhole)) {
      throw new IOException("a master of Redis has no replica");
    }
  }

  private boolean isWhole() {
    List<String> infos = fleet.redis().numbers().stream().map(this::info).toList();
    long served =
        infos.stream()
            .filter(info -> info.contains("role:master") && FRESH_REPLICA.matcher(info).find())
            .count();
    long following = infos.stream().filter(info -> info.contains("master_link_status:up")).count();
    int masters = fleet.redis().kind().masters();
    return served == masters && following == infos.size() - masters;
  }

  private Set<Integer> newMasters() {
    Set<Integer> masters = masters();
    masters.removeAll(mastersBefore);
    return masters;
  }

  private Set<Integer> masters() {
    Set<Integer> masters = new TreeSet<>();
    for (int number : fleet.redis().numbers()) {
      if (info(number).contains("role:master")) {
        masters.add(number);
      }
    }
    return masters;
  }

  /** What a node says of its role; nothing if it does not answer. */
  private String info(int number) {
    try (RedisClient node = FleetRedis.client(nodes().port(number), PATIENCE_MILLIS)) {
      return node.info("replication");
    } catch (JedisException e) {
      return "";
    }
  }

  private static boolean await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    return true;
  }

  private void deleteSlots(Random random) {
    for (String key : keys) {
      if (random.nextBoolean()) {
        for (int master : mastersBefore) {
          try (RedisClient redis = fleet.redis().client(master)) {
            redis.del(slot(key));
          } catch (JedisRedirectionException e) {
            // Another master has it.
            LOG.trace("{} is elsewhere", key, e);
          }
        }
      }
    }
  }

  private void run(int number, ProtocolCommand command, String... arguments) {
    runAt(nodes().port(number), command, arguments);
  }

  private static void runAt(int port, ProtocolCommand command, String... arguments) {
    try (RedisClient redis =
        FleetRedis.client(port, Math.toIntExact(TimeUnit.SECONDS.toMillis(MOST_SECONDS)))) {
      redis.executeCommand(new CommandArguments(command).addObjects((Object[]) arguments));
    }
  }

  private static String slot(String key) {
    return "tidemark:" + WorkerProgram.CACHE + ":" + key;
  }
}
