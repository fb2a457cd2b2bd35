package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.spi.Finding;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.ScanIteration;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisRedirectionException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * A server that holds slots: the only one of a client, or one master of a cluster. For requests
 * that go to each of them. Immutable and thread-safe.
 */
final class Master {
  private final UnifiedJedis jedis;
  private final ClientPools pools;
  private final Commands commands;

  /** In a cluster, the address, the connections and the hash slots of this master; else null. */
  private final @Nullable Member member;

  private Master(UnifiedJedis jedis, @Nullable Member member) {
    this.jedis = jedis;
    this.pools = new ClientPools(jedis);
    this.commands = new Commands(jedis);
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
        .map(share -> new Master(cluster, Member.of(cluster, share.getKey(), share.getValue())))
        .toList();
  }

  /** A master of a cluster by its address, which may have no hash slots yet. */
  static Master at(RedisClusterClient cluster, String address) {
    return new Master(cluster, Member.of(cluster, address, List.of()));
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
    return pools.repeating(() -> send(question));
  }

  private <T> T send(CommandObject<T> command) {
    if (member == null) {
      return jedis.executeCommand(command);
    }
    try (Connection connection = member.connection()) {
      return connection.executeCommand(command);
    }
  }

  private static <T> T scanned(@Nullable Member member, Supplier<T> command) {
    try {
      return command.get();
    } catch (JedisException e) {
      throw member == null ? e : Way.noted(e, member.name());
    }
  }

  /**
   * Finds the keys that this server holds. No step is repeated: a server that has restarted since
   * the last one would go on elsewhere.
   *
   * @param count how many keys to look at in each step
   * @param found gets the keys of a step, if there are any
   */
  void scan(int count, String pattern, Consumer<Collection<String>> found) {
    if (member == null) {
      ScanIteration scan = jedis.scanIteration(count, pattern);
      while (!scan.isIterationCompleted()) {
        acceptAny(scan.nextBatchList(), found);
      }
    } else {
      ScanResult<String> step = new ScanResult<>(ScanParams.SCAN_POINTER_START, List.of());
      do {
        CommandObject<ScanResult<String>> next = scanCommand(step.getCursor(), pattern, count);
        step = scanned(member, () -> send(next));
        acceptAny(step.getResult(), found);
      } while (!step.isCompleteIteration());
    }
  }

  private static void acceptAny(Collection<String> keys, Consumer<Collection<String>> found) {
    if (!keys.isEmpty()) {
      found.accept(keys);
    }
  }

  private static CommandObject<ScanResult<String>> scanCommand(
      String cursor, String pattern, int count) {
    CommandArguments scan = new CommandArguments(Protocol.Command.SCAN).add(cursor);
    scan.add("MATCH").add(pattern).add("COUNT").add(count);
    return new CommandObject<>(scan, BuilderFactory.SCAN_RESPONSE);
  }

  /**
   * Removes keys that were found here.
   *
   * @return how many there were
   */
  long unlink(Collection<String> keys) {
    if (member == null) {
      return jedis.unlink(keys.toArray(String[]::new));
    }
    List<Object> answers = scanned(member, () -> unlinked(member, keys));
    long removed = 0;
    Iterator<Object> answer = answers.iterator();
    for (String key : keys) {
      removed += removed(answer.next(), key);
    }
    return removed;
  }

  /** One command for all would be refused, because their hash slots differ. */
  private static List<Object> unlinked(Member member, Collection<String> keys) {
    try (Connection connection = member.connection()) {
      keys.forEach(key -> connection.sendCommand(Protocol.Command.UNLINK, key));
      return connection.getMany(keys.size());
    }
  }

  private long removed(Object answer, String key) {
    if (answer instanceof JedisRedirectionException) {
      // It has moved to another server since it was found.
      byte[] name = key.getBytes(UTF_8);
      CommandArguments unlink = new CommandArguments(Protocol.Command.UNLINK).key(name);
      return (Long) Objects.requireNonNull(commands.send(name, unlink));
    }
    if (answer instanceof JedisDataException refusal) {
      throw refusal;
    }
    return (Long) answer;
  }

  /** Whether there are connections for {@link #askAlone}. */
  boolean canAskAlone() {
    return pools.areShown();
  }

  /** Sends this server idempotent commands over a connection that nobody uses afterwards. */
  <T> T askAlone(Function<Connection, T> questions) {
    return pools.repeating(
        () -> {
          try (Connection own = member == null ? pools.newConnection() : member.connection()) {
            try {
              return questions.apply(own);
            } finally {
              own.setBroken();
            }
          }
        });
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

  /**
   * A master of a cluster.
   *
   * @param pool its connections; null if it does not know its own address
   */
  private record Member(
      RedisClusterClient cluster, String name, List<Range> ranges, @Nullable ConnectionPool pool) {
    static Member of(RedisClusterClient cluster, String name, List<Range> ranges) {
      return new Member(cluster, name, ranges, cluster.getClusterNodes().get(name));
    }

    boolean has(int hashSlot) {
      return ranges.stream().anyMatch(range -> range.first <= hashSlot && hashSlot <= range.last);
    }

    /** A connection to this server, even if another takes over its hash slots in between. */
    Connection connection() {
      if (pool != null) {
        return pool.getResource();
      }
      if (ranges.isEmpty()) {
        return Providers.connection(cluster, HostAndPort.from(name));
      }
      return cluster.getConnectionFromSlot(Math.toIntExact(ranges.get(0).first));
    }
  }
}
