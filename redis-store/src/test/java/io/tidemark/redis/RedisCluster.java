package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.util.JedisClusterCRC16;

/** A cluster of masters for a test. */
final class RedisCluster implements AutoCloseable {
  static final int HASH_SLOTS = 16_384;

  /**
   * Long: a busy machine must not look like one that is down. Not longer, since a replica whose
   * election failed begins another only after four times as much.
   */
  private static final Duration NODE_TIMEOUT = Duration.ofSeconds(30);

  private final List<RedisServer> masters = new ArrayList<>();
  private final List<RedisServer> replicas = new ArrayList<>();

  /** Starts a cluster likewise, each of whose masters has a replica, in the same order. */
  static RedisCluster startWithReplicas(int size) {
    RedisCluster cluster = start(size);
    for (RedisServer master : cluster.masters()) {
      RedisServer replica = RedisServer.startClustered(NODE_TIMEOUT);
      cluster.replicas.add(replica);
      HostAndPort address = RedisServer.address(master.port());
      cluster(replica, Stream.of("MEET", address.getHost(), Integer.toString(address.getPort())));
      String id = id(master);
      await().until(() -> cluster(replica, Stream.of("NODES")).contains(id));
      cluster(replica, Stream.of("REPLICATE", id));
      await().until(() -> info(replica).contains("master_link_status:up"));
    }
    cluster.awaitEverywhere("INFO", "cluster_known_nodes:" + 2 * size);
    cluster.awaitEverywhereLines("NODES", "slave", size);
    cluster.awaitWhole();
    return cluster;
  }

  /** Starts a cluster with the hash slots shared equally among its masters. */
  static RedisCluster start(int size) {
    RedisCluster cluster = new RedisCluster();
    for (int i = 0; i < size; i++) {
      RedisServer master = cluster.join();
      Stream<String> share =
          IntStream.range(HASH_SLOTS * i / size, HASH_SLOTS * (i + 1) / size)
              .mapToObj(Integer::toString);
      cluster(master, Stream.concat(Stream.of("ADDSLOTS"), share));
    }
    cluster.awaitEverywhere("INFO", "cluster_known_nodes:" + size);
    cluster.awaitWhole();
    return cluster;
  }

  /** Waits until every master serves, and knows that all do. */
  void awaitWhole() {
    awaitEverywhere("INFO", "cluster_slots_assigned:" + HASH_SLOTS);
    awaitEverywhere("INFO", "cluster_slots_ok:" + HASH_SLOTS);
    awaitEverywhere("INFO", "cluster_state:ok");
  }

  /** Adds a master that takes over the last hash slots, without their content. */
  void grow(int hashSlots) {
    RedisServer master = join();
    awaitEverywhere("INFO", "cluster_known_nodes:" + masters.size());
    String id = cluster(master, Stream.of("MYID"));
    int first = HASH_SLOTS - hashSlots;
    try (RedisClient client = master.client()) {
      for (int slot = first; slot < HASH_SLOTS; slot++) {
        client.executeCommand(
            new CommandArguments(Protocol.Command.CLUSTER)
                .add("SETSLOT")
                .add(slot)
                .add("NODE")
                .add(id));
      }
    }
    awaitEverywhere("NODES", " " + first + "-" + (HASH_SLOTS - 1));
    // The new master may believe for a moment that the cluster is down.
    awaitEverywhere("INFO", "cluster_state:ok");
  }

  /** Adds a master that has no hash slots. */
  RedisServer addEmptyMaster() {
    RedisServer master = join();
    awaitEverywhere("INFO", "cluster_known_nodes:" + (masters.size() + replicas.size()));
    // The new master may believe for a moment that the cluster is down.
    awaitEverywhere("INFO", "cluster_state:ok");
    return master;
  }

  /** Begins to move a hash slot, whose keys are on either master from now on. */
  void beginMove(int hashSlot, RedisServer from, RedisServer to) {
    setSlot(to, hashSlot, "IMPORTING", id(from));
    setSlot(from, hashSlot, "MIGRATING", id(to));
  }

  /** Moves one key of a hash slot that is on the move, if there is such a key. */
  void migrate(String key, RedisServer from, RedisServer to) {
    HostAndPort target = RedisServer.address(to.port());
    String port = Integer.toString(target.getPort());
    String patience = Long.toString(Awaiting.LIMIT.toMillis());
    from.run(Protocol.Command.MIGRATE, target.getHost(), port, key, "0", patience);
  }

  /** Ends the move of a hash slot that has no keys left where it was. */
  void endMove(int hashSlot, RedisServer from, RedisServer to) {
    String id = id(to);
    setSlot(to, hashSlot, "NODE", id);
    for (RedisServer master : masters) {
      // One that has lost its last hash slot becomes a replica.
      if (!info(master).contains("role:slave")) {
        setSlot(master, hashSlot, "NODE", id);
      }
    }
  }

  /** Lets one master alone believe that another has a hash slot. */
  void mislead(RedisServer master, int hashSlot, RedisServer other) {
    setSlot(master, hashSlot, "NODE", id(other));
  }

  private static String id(RedisServer master) {
    return cluster(master, Stream.of("MYID"));
  }

  private static void setSlot(RedisServer master, int hashSlot, String state, String id) {
    Object answer =
        master.run(Protocol.Command.CLUSTER, "SETSLOT", Integer.toString(hashSlot), state, id);
    if (!"OK".equals(new String((byte[]) answer, US_ASCII))) {
      throw new IllegalStateException("SETSLOT answered " + answer);
    }
  }

  /** Lets each master serve its own hash slots while another is down. */
  void serveWhatIsLeft() {
    masters.forEach(
        master ->
            master.run(Protocol.Command.CONFIG, "SET", "cluster-require-full-coverage", "no"));
  }

  /** Lets a replica take over already when its master has been silent for so long. */
  void setNodeTimeout(Duration timeout) {
    String millis = Long.toString(timeout.toMillis());
    Stream.concat(masters.stream(), replicas.stream())
        .forEach(node -> node.run(Protocol.Command.CONFIG, "SET", "cluster-node-timeout", millis));
  }

  /** Those of {@link #startWithReplicas}; one that was promoted stays here. */
  List<RedisServer> replicas() {
    return List.copyOf(replicas);
  }

  /** Lets a replica take over from its master, which loses nothing. */
  static void failOver(RedisServer replica) {
    await()
        .until(
            () -> {
              // Servers give it up after 5 seconds, as they may on a busy machine.
              cluster(replica, Stream.of("FAILOVER"));
              return isPromotedWithin(Duration.ofSeconds(6), replica);
            });
  }

  static void awaitPromoted(RedisServer replica) {
    await().until(() -> isPromoted(replica));
  }

  private static boolean isPromotedWithin(Duration time, RedisServer replica) {
    try {
      await().atMost(time).until(() -> isPromoted(replica));
      return true;
    } catch (ConditionTimeoutException e) {
      return false;
    }
  }

  private static boolean isPromoted(RedisServer replica) {
    return info(replica).contains("role:master");
  }

  static String info(RedisServer server) {
    return new String((byte[]) server.run(Protocol.Command.INFO, "replication"), US_ASCII);
  }

  /** Lets the others forget a master without hash slots, and ends it. */
  void remove(RedisServer master) {
    String id = id(master);
    masters.remove(master);
    masters.forEach(other -> cluster(other, Stream.of("FORGET", id)));
    master.close();
  }

  List<RedisServer> masters() {
    return List.copyOf(masters);
  }

  /** Returns a key of a cache with a slot on the first master. */
  SlotKey keyOfFirstMaster(String cache) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> new SlotKey(cache, "key " + i))
        .filter(key -> hashSlot(key) < HASH_SLOTS / masters.size())
        .findFirst()
        .orElseThrow();
  }

  /** The master that had a hash slot when the cluster was started. */
  RedisServer firstOwner(int hashSlot) {
    int size = masters.size();
    return IntStream.range(0, size)
        .filter(i -> hashSlot < HASH_SLOTS * (i + 1) / size)
        .mapToObj(masters::get)
        .findFirst()
        .orElseThrow();
  }

  static int hashSlot(SlotKey key) {
    return JedisClusterCRC16.getSlot(SlotFormat.key(key));
  }

  /** Creates a client of all masters, which the caller closes. */
  RedisClusterClient client() {
    return client(RedisClusterClient.DEFAULT_MAX_ATTEMPTS);
  }

  /** Creates a client that sends a command at most so many times. */
  RedisClusterClient client(int maxAttempts) {
    return client(maxAttempts, DefaultJedisClientConfig.builder(), new ConnectionPoolConfig());
  }

  RedisClusterClient client(
      int maxAttempts, DefaultJedisClientConfig.Builder config, ConnectionPoolConfig pool) {
    Set<HostAndPort> nodes =
        masters.stream()
            .map(master -> RedisServer.address(master.port()))
            .collect(Collectors.toSet());
    int patienceMillis = Math.toIntExact(Awaiting.LIMIT.toMillis());
    return RedisClusterClient.builder()
        .nodes(nodes)
        .clientConfig(config.timeoutMillis(patienceMillis).build())
        .poolConfig(pool)
        .maxAttempts(maxAttempts)
        .build();
  }

  /** Closes every connection of a client at the masters' end. */
  void killClients() {
    masters.forEach(master -> master.run(Protocol.Command.CLIENT, "KILL", "TYPE", "normal"));
  }

  @Override
  public void close() {
    masters.forEach(RedisServer::close);
    replicas.forEach(RedisServer::close);
  }

  /** Adds a master without hash slots. If two masters claim a slot, the later one wins. */
  private RedisServer join() {
    RedisServer master = RedisServer.startClustered(NODE_TIMEOUT);
    masters.add(master);
    cluster(master, Stream.of("SET-CONFIG-EPOCH", Integer.toString(masters.size())));
    HostAndPort first = RedisServer.address(masters.get(0).port());
    cluster(master, Stream.of("MEET", first.getHost(), Integer.toString(first.getPort())));
    return master;
  }

  private void awaitEverywhereLines(String question, String word, long count) {
    for (RedisServer master : masters) {
      await()
          .until(
              () ->
                  cluster(master, Stream.of(question))
                          .lines()
                          .filter(line -> line.contains(word))
                          .count()
                      == count);
    }
  }

  private void awaitEverywhere(String question, String fact) {
    for (RedisServer master : masters) {
      await().until(() -> cluster(master, Stream.of(question)).contains(fact));
    }
  }

  private static String cluster(RedisServer master, Stream<String> arguments) {
    Object answer = master.run(Protocol.Command.CLUSTER, arguments.toArray(String[]::new));
    return new String((byte[]) answer, US_ASCII);
  }
}
