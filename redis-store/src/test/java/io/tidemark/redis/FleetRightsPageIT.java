package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tidemark.spi.Finding;
import io.tidemark.spi.Finding.Severity;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * The rights in docs/rights.md are enough on a Redis Cluster, and each is needed. The hash slots of
 * one key and of its lock are on the move all the time, so that servers send commands on.
 */
class FleetRightsPageIT {
  private static final String CLIENT_NEEDS = "+cluster|slots";

  private static RedisCluster cluster;

  /** On the move, and not yet there. */
  private static SlotKey key;

  private static SlotKey other;

  private static final Map<String, Use> USES =
      Map.of(
          "Slots on a cluster",
              new Use(
                  "",
                  client -> RightsPageIT.useSlots(client, key, other),
                  FleetRightsPageIT::checkStore),
          "clear on a cluster",
              new Use(
                  "Slots on a cluster",
                  client -> RightsPageIT.clear(client, key),
                  FleetRightsPageIT::checkStore),
          "RedisLocks on a cluster",
              new Use("", FleetRightsPageIT::useLocks, FleetRightsPageIT::checkLocks));

  private interface Action {
    Object on(RedisClusterClient client) throws Exception;
  }

  /**
   * What a block is for.
   *
   * @param base the block that it adds to
   */
  private record Use(
      String base, Action action, Function<RedisClusterClient, List<Finding>> check) {}

  @BeforeAll
  static void start() {
    cluster = RedisCluster.start(3);
    key = cluster.keyOfFirstMaster("fleet");
    other = new SlotKey(key.cache(), "other");
    for (byte[] name : List.of(SlotFormat.key(key), LockServer.redisKey(key))) {
      int hashSlot = JedisClusterCRC16.getSlot(name);
      RedisServer owner = cluster.firstOwner(hashSlot);
      RedisServer next =
          owner == cluster.masters().get(0) ? cluster.masters().get(1) : cluster.masters().get(0);
      cluster.beginMove(hashSlot, owner, next);
    }
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  /** Nothing is known to the servers, neither slots nor scripts. */
  @BeforeEach
  void forget() {
    for (RedisServer master : cluster.masters()) {
      master.run(Command.FLUSHALL);
      master.run(Command.SCRIPT, "FLUSH");
      RightsPage.reset(master);
      master.run(Command.CONFIG, "RESETSTAT");
    }
  }

  static Stream<String> uses() {
    return USES.keySet().stream().sorted();
  }

  static Stream<Arguments> rights() {
    return uses()
        .flatMap(
            use ->
                RightsPage.rights(use)
                    .filter(right -> !right.equals(CLIENT_NEEDS))
                    .map(right -> arguments(use, right)));
  }

  @ParameterizedTest
  @MethodSource("uses")
  void use_withTheRightsOfThePage_isRefusedNothing(String name) throws Exception {
    grant(name, "");
    try (RedisClusterClient client = client()) {
      Object unused = use(name).action().on(client);
      await().until(() -> calls("ping") > 0);
      assertThat(refusals()).isEmpty();
      assertThat(calls("asking")).isPositive();

      assertThat(use(name).check().apply(client))
          .extracting(Finding::severity)
          .doesNotContain(Severity.ERROR);
    }
  }

  @ParameterizedTest
  @MethodSource("rights")
  void use_withoutOneRight_isRefusedAndCheckNamesIt(String name, String right) {
    grant(name, right);
    try (RedisClusterClient client = client()) {
      tryOut(name, client);
      await().untilAsserted(() -> assertThat(refusals()).contains(RightsPage.logged(right)));

      assertThat(use(name).check().apply(client))
          .anySatisfy(
              finding -> assertThat((finding.problem() + " ").split("[ ,;]|: ")).contains(right));
    }
  }

  @ParameterizedTest
  @MethodSource("uses")
  void client_withoutClusterSlots_cannotBeBuilt(String name) {
    grant(name, CLIENT_NEEDS);

    assertThatExceptionOfType(JedisException.class).isThrownBy(FleetRightsPageIT::client);
    assertThat(refusals()).contains(RightsPage.logged(CLIENT_NEEDS));
  }

  private static void tryOut(String name, RedisClusterClient client) {
    try {
      Object unused = use(name).action().on(client);
    } catch (Exception e) {
      // The servers' logs tell what was refused.
    }
  }

  private static Object useLocks(RedisClusterClient client) throws Exception {
    RightsPageIT.renew(new ScriptedLocks(client, Duration.ofHours(1)));
    try (RedisLocks locks = RedisLocks.create(client)) {
      return RightsPageIT.useLocks(locks, key, FleetRightsPageIT::awaitSentOrRefused, "publish");
    }
  }

  private static List<Finding> checkStore(RedisClusterClient client) {
    return RedisStore.create(client).check();
  }

  private static List<Finding> checkLocks(RedisClusterClient client) {
    try (RedisLocks locks = RedisLocks.create(client)) {
      return locks.check(key.cache());
    }
  }

  private static void awaitSentOrRefused(String command) {
    await().until(() -> calls(command) > 0 || !refusals().isEmpty());
  }

  private static long calls(String command) {
    return cluster.masters().stream().mapToLong(master -> master.calls(command)).sum();
  }

  private static Set<String> refusals() {
    return cluster.masters().stream()
        .flatMap(master -> RightsPage.refusals(master).stream())
        .collect(Collectors.toSet());
  }

  /** Makes the user with the rights of a block and of those that it adds to, but for one. */
  private static void grant(String name, String without) {
    for (RedisServer master : cluster.masters()) {
      String base = use(name).base();
      if (!base.isEmpty()) {
        RightsPage.grant(master, base, without);
      }
      RightsPage.grant(master, name, without);
    }
  }

  private static Use use(String name) {
    return Objects.requireNonNull(USES.get(name), name);
  }

  private static RedisClusterClient client() {
    return cluster.client(
        RedisClusterClient.DEFAULT_MAX_ATTEMPTS, RightsPage.user(), RightsPage.pool());
  }
}
