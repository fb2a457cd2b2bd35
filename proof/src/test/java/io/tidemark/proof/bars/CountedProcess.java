package io.tidemark.proof.bars;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.tidemark.proof.bars.Pages.Ports;
import io.tidemark.proof.bars.Requests.RedisCommand;
import io.tidemark.servers.Loopback;
import io.tidemark.testkit.RoundTrips;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import redis.clients.jedis.ConnectionFactory;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.providers.PooledConnectionProvider;

/** A process, as far as servers can tell, on ways to Redis and ZooKeeper that are recorded. */
final class CountedProcess implements AutoCloseable {
  private final RoundTrips trips = new RoundTrips();
  private final RecordedLine redis;
  private final RecordedLine zookeeper;
  private final RedisClient slots;
  private final RedisClient locks;
  private final Pages pages;

  /** Connects to servers on these ports. */
  CountedProcess(int redisPort, int postgresPort, int zookeeperPort) throws Exception {
    this.redis = new RecordedLine(redisPort);
    this.zookeeper = new RecordedLine(zookeeperPort);
    this.slots = client();
    this.locks = client();
    this.pages =
        new Pages(
            new Ports(redis.port(), postgresPort, zookeeper.port()),
            slots,
            Duration.ZERO,
            event -> {});
  }

  Pages pages() {
    return pages;
  }

  /** A client of the same Redis for locks, which is closed with this. */
  RedisClient lockClient() {
    return locks;
  }

  /** Those to Redis. */
  RoundTrips trips() {
    return trips;
  }

  /** Whether everything that it has asked is answered. */
  boolean isQuiet() {
    return isAnswered()
        && Stream.of(slots, locks).allMatch(client -> client.getPool().getNumActive() == 0);
  }

  boolean isAnswered() {
    long answers = zookeeper.look().stream().mapToLong(Requests::answers).sum();
    return answers == requests();
  }

  /** Forgets what was recorded; call it only while the process is quiet. */
  void forget() {
    redis.forget();
    zookeeper.forget();
  }

  /** What it has sent to Redis. */
  List<RedisCommand> commands() {
    return redis.look().stream().flatMap(traffic -> Requests.toRedis(traffic).stream()).toList();
  }

  /** How many bytes it has got from Redis. */
  long received() {
    return redis.look().stream().mapToLong(traffic -> traffic.received().remaining()).sum();
  }

  /** What it has sent to Redis, for the message of a test that fails. */
  String sentToRedis() {
    return redis.look().stream()
        .map(traffic -> new String(traffic.sent().array(), 0, traffic.sent().limit(), ISO_8859_1))
        .collect(Collectors.joining("\n"));
  }

  /** How many requests it has sent to ZooKeeper. */
  long requests() {
    return toZooKeeper().count();
  }

  long writes() {
    return toZooKeeper().filter(Requests::writes).count();
  }

  long watches() {
    return toZooKeeper().filter(Requests::setsWatch).count();
  }

  private Stream<ByteBuffer> toZooKeeper() {
    return zookeeper.look().stream().flatMap(traffic -> Requests.toZooKeeper(traffic).stream());
  }

  private RedisClient client() {
    return countedClient(trips, redis.port());
  }

  /** A client of a Redis on this machine whose round trips are counted. */
  static RedisClient countedClient(RoundTrips trips, int port) {
    JedisSocketFactory sockets =
        () -> {
          try {
            return trips.connect(Loopback.address(port));
          } catch (IOException e) {
            throw new JedisConnectionException(e);
          }
        };
    return RedisClient.builder()
        .connectionProvider(
            new PooledConnectionProvider(
                new ConnectionFactory(sockets, DefaultJedisClientConfig.builder().build())))
        .build();
  }

  @Override
  public void close() {
    pages.close();
    locks.close();
    redis.close();
    zookeeper.close();
  }
}
