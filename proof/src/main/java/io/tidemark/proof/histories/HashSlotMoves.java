package io.tidemark.proof.histories;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisRedirectionException;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * Moves hash slots between the masters of a cluster, under load. Back to a node where it was before
 * a hash slot moves without its keys, which docs/spec says no promise would survive. For one
 * thread.
 */
final class HashSlotMoves {
  private static final Logger LOG = LoggerFactory.getLogger(HashSlotMoves.class);
  private static final String PATIENCE_MILLIS = "10000";
  private static final int BATCH = 100;

  /** How long a hash slot is on both masters before its keys follow. */
  private static final int MOST_REST_MILLIS = 300;

  private final FleetRedis redis;
  private final Map<Integer, Set<Integer>> visited = new HashMap<>();

  HashSlotMoves(FleetRedis redis) {
    this.redis = redis;
  }

  /**
   * Moves the hash slot of a key to another master.
   *
   * @throws IOException if no master has it now
   */
  void move(String key, Set<Integer> masters, Random random)
      throws IOException, InterruptedException {
    int from = owner(key, masters);
    List<Integer> others = new ArrayList<>(masters);
    others.remove(Integer.valueOf(from));
    int to = others.get(random.nextInt(others.size()));
    int hashSlot = JedisClusterCRC16.getSlot(key);
    Set<Integer> nodes = visited.computeIfAbsent(hashSlot, unused -> new TreeSet<>());
    nodes.add(from);
    boolean isBack = !nodes.add(to);
    String target = id(to);
    cluster(to, "SETSLOT", Integer.toString(hashSlot), "IMPORTING", id(from));
    cluster(from, "SETSLOT", Integer.toString(hashSlot), "MIGRATING", target);
    TimeUnit.MILLISECONDS.sleep(random.nextInt(MOST_REST_MILLIS));
    empty(hashSlot, from, isBack ? 0 : redis.nodes().port(to));
    TimeUnit.MILLISECONDS.sleep(random.nextInt(MOST_REST_MILLIS));
    cluster(to, "SETSLOT", Integer.toString(hashSlot), "NODE", target);
    cluster(from, "SETSLOT", Integer.toString(hashSlot), "NODE", target);
    for (int master : masters) {
      cluster(master, "SETSLOT", Integer.toString(hashSlot), "NODE", target);
    }
  }

  private int owner(String key, Set<Integer> masters) throws IOException {
    for (int master : masters) {
      try (RedisClient client = redis.client(master)) {
        boolean unused = client.exists(key);
        return master;
      } catch (JedisRedirectionException e) {
        LOG.trace("{} is not at node {}", key, master, e);
      }
    }
    throw new IOException("no master has " + key);
  }

  /**
   * Lets all keys go.
   *
   * @param toPort where to, or 0 to delete them
   */
  private void empty(int hashSlot, int from, int toPort) {
    while (true) {
      List<?> names =
          (List<?>)
              cluster(from, "GETKEYSINSLOT", Integer.toString(hashSlot), Integer.toString(BATCH));
      if (names.isEmpty()) {
        return;
      }
      for (Object name : names) {
        String key = new String((byte[]) name, UTF_8);
        if (toPort == 0) {
          run(from, Protocol.Command.DEL, key);
        } else {
          run(
              from,
              Protocol.Command.MIGRATE,
              "127.0.0.1",
              Integer.toString(toPort),
              key,
              "0",
              PATIENCE_MILLIS);
        }
      }
    }
  }

  private String id(int number) {
    return new String((byte[]) cluster(number, "MYID"), UTF_8);
  }

  private Object cluster(int number, String... arguments) {
    return run(number, Protocol.Command.CLUSTER, arguments);
  }

  private Object run(int number, Protocol.Command command, String... arguments) {
    try (RedisClient client = redis.client(number)) {
      return client.executeCommand(new CommandArguments(command).addObjects((Object[]) arguments));
    }
  }
}
