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
 * A server that has slots, for what is to be asked of each: the only one of a client, or one master
 * of a cluster. Immutable and thread-safe.
 */
final class Master {
  private final UnifiedJedis jedis;
  private final ClientPools pools;

  /** Where there are others: its address, its connections, and its hash slots. */
  private final @Nullable Member member;

  private Master(UnifiedJedis jedis, @Nullable Member member) {
    this.jedis = jedis;
    this.pools = new ClientPools(jedis);
    this.member = member;
  }

  /**
   * All masters that a client sends commands to, also those that are away.
   *
   * @throws JedisException if no server of a cluster tells
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
      // A server that knows no address of its own says none.
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

  /** What any one server says: ranges of hash slots, and of each its master and its replicas. */
  private static List<?> ranges(RedisClusterClient cluster) {
    cluster.refreshClusterTopology();
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

  /** Asks this server something that may be asked twice. */
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
   * A key that begins like another one and is kept here.
   *
   * @param name makes the name that Redis knows it by
   */
  SlotKey keyHere(SlotKey beginning, Function<SlotKey, byte[]> name) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> new SlotKey(beginning.cache(), beginning.key() + i))
        .filter(key -> member == null || member.has(JedisClusterCRC16.getSlot(name.apply(key))))
        .findFirst()
        .orElseThrow();
  }

  /** The same subject, with the name of this server where there are others. */
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
