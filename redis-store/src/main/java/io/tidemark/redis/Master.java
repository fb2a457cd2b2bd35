package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.spi.Finding;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * A server that holds slots: the only one of a client, or one master of a cluster. For requests
 * that go to each of them. Immutable and thread-safe.
 */
final class Master {
  private final UnifiedJedis jedis;
  private final ClientPools pools;

  /** In a cluster, the address, the connections and the hash slots of this master; else null. */
  private final @Nullable Member member;

  private Master(UnifiedJedis jedis, @Nullable Member member) {
    this.jedis = jedis;
    this.pools = new ClientPools(jedis);
    this.member = member;
  }

  /**
   * Returns all masters that a client sends commands to, including those that are down.
   *
   * @throws JedisException if no server of a cluster answers
   */
  static List<Master> of(UnifiedJedis jedis) {
    if (!(jedis instanceof RedisClusterClient cluster)) {
      return List.of(new Master(jedis, null));
    }
    List<?> ranges = new ClientPools(cluster).repeating(() -> ranges(cluster));
    Map<String, List<Range>> shares = new LinkedHashMap<>();
    for (Object each : ranges) {
      List<?> range = (List<?>) each;
      List<?> address = (List<?>) range.get(2);
      // A server that does not know its own address sends none.
      String host = address.get(0) instanceof byte[] text ? new String(text, UTF_8) : "";
      String name = host + ":" + address.get(1);
      shares
          .computeIfAbsent(name, ignored -> new ArrayList<>())
          .add(new Range((Long) range.get(0), (Long) range.get(1)));
    }
    return shares.entrySet().stream()
        .map(share -> new Master(cluster, new Member(cluster, share.getKey(), share.getValue())))
        .toList();
  }

  /** Asks any server for the ranges of hash slots, each with its master and replicas. */
  private static List<?> ranges(RedisClusterClient cluster) {
    Providers.refreshTopology(cluster);
    CommandObject<List<Object>> question =
        new CommandObject<>(
            new CommandArguments(Protocol.Command.CLUSTER).add("SLOTS"),
            BuilderFactory.RAW_OBJECT_LIST);
    JedisException failure = new JedisException("the client knows no server of the cluster");
    for (ConnectionPool pool : cluster.getClusterNodes().values()) {
      try (Connection connection = pool.getResource()) {
        List<Object> answer = connection.executeCommand(question);
        if (!answer.isEmpty()) {
          return answer;
        }
      } catch (JedisException e) {
        failure = e;
      }
    }
    throw failure;
  }

  /** Sends this server an idempotent command. */
  <T> T ask(CommandObject<T> question) {
    Member asked = member;
    if (asked == null) {
      return pools.repeating(() -> jedis.executeCommand(question));
    }
    return pools.repeating(
        () -> {
          try (Connection connection = asked.connection()) {
            return connection.executeCommand(question);
          }
        });
  }

  /** Opens a connection to this server outside the pool, as {@link ClientPools#newConnection}. */
  Connection newConnection() {
    return member == null ? pools.newConnection() : pools.newConnection(member.name());
  }

  /**
   * Finds a key that this server holds, by appending a number to another key.
   *
   * @param name returns the Redis key of a slot or a lock
   */
  SlotKey keyHere(SlotKey beginning, Function<SlotKey, byte[]> name) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> new SlotKey(beginning.cache(), beginning.key() + i))
        .filter(key -> member == null || member.has(JedisClusterCRC16.getSlot(name.apply(key))))
        .findFirst()
        .orElseThrow();
  }

  /** The subject of a finding, with the address of this server if there are others. */
  String named(String subject) {
    return member == null ? subject : subject + " at " + member.name();
  }

  Finding named(Finding finding) {
    return new Finding(
        finding.severity(), named(finding.subject()), finding.problem(), finding.advice());
  }

  private record Range(long first, long last) {}

  private record Member(RedisClusterClient cluster, String name, List<Range> ranges) {
    boolean has(int hashSlot) {
      return ranges.stream().anyMatch(range -> range.first <= hashSlot && hashSlot <= range.last);
    }

    Connection connection() {
      return cluster.getConnectionFromSlot(Math.toIntExact(ranges.get(0).first));
    }
  }
}
