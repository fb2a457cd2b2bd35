package io.tidemark.bench;

import io.tidemark.bench.contestants.RedisClients;
import io.tidemark.redis.RedisStore;
import io.tidemark.spi.Payload;
import io.tidemark.spi.SlotKey;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import redis.clients.jedis.RedisClient;

/** One verb of the Redis store after the other, each on a slot of its own. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class VerbBenchmark {
  /** What is called. */
  @Param("SET")
  public Verb verb = Verb.SET;

  /** How many slots there are: so often it is called. */
  @Param("10000")
  public int slots;

  /** How long a value is. */
  @Param("100")
  public int bytes;

  /** Where Redis listens. */
  @Param("127.0.0.1:6379")
  public String redis = "";

  private RedisClient client;
  private RedisStore store;
  private List<SlotKey> keys;
  private Payload payload;

  /** Connects to Redis. */
  @Setup(Level.Trial)
  public void open() {
    client = RedisClients.connect(redis, 1);
    store = RedisStore.create(client);
    keys =
        IntStream.range(0, slots)
            .mapToObj(number -> new SlotKey("verbs", Integer.toString(number)))
            .toList();
    payload = Payload.wrap(new byte[bytes]);
  }

  /** Brings all slots into the state that the verb is called in. */
  @Setup(Level.Iteration)
  public void prepare() {
    client.flushAll();
    verb.prepare(store, keys, payload);
  }

  /** Calls the verb once for each slot. */
  @Benchmark
  public void callForEachSlot() {
    for (SlotKey key : keys) {
      Verb.check(verb.call(client, store, key, payload));
    }
  }

  /** Disconnects from Redis. */
  @TearDown(Level.Trial)
  public void close() {
    client.close();
  }
}
