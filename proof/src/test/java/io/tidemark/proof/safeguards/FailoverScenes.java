package io.tidemark.proof.safeguards;

import static io.tidemark.testkit.Awaiting.await;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemark.RefusedException;
import io.tidemark.redis.RedisStore;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.params.MigrateParams;

/**
 * Plays what happens to a slot when Redis fails over, on two servers, and tells whether a promise
 * is broken. Made in the class loader of the edited copy.
 */
public final class FailoverScenes implements Function<List<String>, Boolean> {
  private static final SlotKey KEY = new SlotKey("scenes", "key");
  private static final String NAME = "tidemark:scenes:key";
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Lifetime KEPT = new Lifetime(HOUR, Duration.ZERO);
  private static final String HOST = "127.0.0.1";

  /**
   * Plays a scene.
   *
   * @param scene the name of a safeguard, and the ports of two servers
   */
  @Override
  public Boolean apply(List<String> scene) {
    int firstPort = Integer.parseInt(scene.get(1));
    int secondPort = Integer.parseInt(scene.get(2));
    try (RedisClient first = RedisClient.create(HOST, firstPort);
        RedisClient second = RedisClient.create(HOST, secondPort)) {
      List.of(first, second).forEach(FailoverScenes::reset);
      return switch (ServerSafeguard.valueOf(scene.get(0))) {
        case ONLY_MASTERS_COUNT -> replicaServesWhatIsOld(first, firstPort, second);
        case ENOUGH_REPLICAS -> masterWithoutReplicasServes(first, firstPort, second);
        case LINEAGE_ASKED_AFTER -> lineageAskedBefore(first);
        case DROP_FOREIGN -> slotComesBack(first, firstPort, second, secondPort);
      };
    }
  }

  private static void reset(RedisClient server) {
    run(server, Command.REPLICAOF, "NO", "ONE");
    run(server, Command.CONFIG, "SET", "min-replicas-to-write", "0");
    run(server, Command.CONFIG, "SET", "slowlog-log-slower-than", "-1");
    server.flushAll();
  }

  private static void follow(RedisClient server, int masterPort) {
    run(server, Command.REPLICAOF, HOST, Integer.toString(masterPort));
    await().until(() -> server.info("replication").contains("master_link_status:up"));
  }

  /** The replica loses its master, and a write. */
  private static boolean replicaServesWhatIsOld(
      RedisClient master, int masterPort, RedisClient replica) {
    follow(replica, masterPort);
    store(master, 1);
    await().until(() -> replica.exists(NAME));
    run(replica, Command.REPLICAOF, HOST, "1");
    publish(master, 2);
    return serves(RedisStore.create(replica), 1);
  }

  /** The replica is promoted, and takes a write. */
  private static boolean masterWithoutReplicasServes(
      RedisClient old, int oldPort, RedisClient next) {
    follow(next, oldPort);
    run(old, Command.CONFIG, "SET", "min-replicas-to-write", "1");
    await().until(() -> old.info("replication").contains("min_slaves_good_slaves:1"));
    store(old, 1);
    await().until(() -> next.exists(NAME));
    run(next, Command.REPLICAOF, "NO", "ONE");
    await().until(() -> old.info("replication").contains("min_slaves_good_slaves:0"));
    publish(next, 2);
    return serves(RedisStore.create(old), 1);
  }

  /** Between the two, a failover can bring back a slot that is older than it. */
  private static boolean lineageAskedBefore(RedisClient server) {
    SlotStore store = RedisStore.create(server);
    run(server, Command.CONFIG, "SET", "slowlog-log-slower-than", "0");
    store.read(KEY);
    run(server, Command.CONFIG, "SET", "slowlog-log-slower-than", "-1");
    List<String> latestFirst =
        ((List<?>) answer(server, Command.SLOWLOG, "GET", "100"))
            .stream()
                .map(entry -> (List<?>) ((List<?>) entry).get(3))
                .map(words -> new String((byte[]) words.get(0), US_ASCII))
                .toList();
    return latestFirst.indexOf("INFO") > latestFirst.indexOf("GET");
  }

  /** A slot moves to another server, is dropped there, and its place moves back. */
  private static boolean slotComesBack(
      RedisClient home, int homePort, RedisClient other, int otherPort) {
    store(home, 1);
    migrate(home, otherPort);
    publish(other, 2);
    if (other.exists(NAME)) {
      migrate(other, homePort);
    }
    return serves(RedisStore.create(home), 1);
  }

  private static void migrate(RedisClient from, int port) {
    int timeoutMillis = Math.toIntExact(Duration.ofMinutes(1).toMillis());
    String unused = from.migrate(HOST, port, timeoutMillis, MigrateParams.migrateParams(), NAME);
  }

  private static void store(RedisClient server, long version) {
    SlotStore store = RedisStore.create(server);
    store.claim(KEY, version, ClaimMode.ALWAYS, HOUR, Duration.ZERO);
    store.fill(KEY, version, row(version), FloorRule.AT_OR_ABOVE, KEPT);
  }

  private static void publish(RedisClient server, long version) {
    RedisStore.create(server).publish(KEY, LockHandle.NO_FENCE, row(version), KEPT, Duration.ZERO);
  }

  private static EncodedRow row(long version) {
    return new EncodedRow.Present(version, Payload.wrap(new byte[] {(byte) version}));
  }

  private static boolean serves(SlotStore store, long version) {
    try {
      return store.read(KEY) instanceof Slot.Value value && value.version() == version;
    } catch (RefusedException e) {
      return false;
    }
  }

  private static void run(RedisClient server, Command command, String... arguments) {
    Object unused = answer(server, command, arguments);
  }

  private static Object answer(RedisClient server, Command command, String... arguments) {
    return server.executeCommand(new CommandArguments(command).addObjects((Object[]) arguments));
  }
}
