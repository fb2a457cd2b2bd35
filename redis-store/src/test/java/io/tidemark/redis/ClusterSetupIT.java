package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemark.spi.Finding;
import io.tidemark.spi.Finding.Severity;
import io.tidemark.testkit.Awaiting;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.providers.ClusterConnectionProvider;

/** The findings about a cluster, in which each master has a set-up of its own. */
final class ClusterSetupIT {
  private static RedisCluster cluster;
  private static RedisServer first;
  private static RedisServer second;
  private static RedisServer third;

  private final RedisClusterClient client = client(DefaultJedisClientConfig.builder());
  private final RedisStore store = RedisStore.create(client);
  private final RedisLocks locks = RedisLocks.create(client);

  @BeforeAll
  static void startCluster() {
    cluster = RedisCluster.start(3);
    first = cluster.masters().get(0);
    second = cluster.masters().get(1);
    third = cluster.masters().get(2);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @AfterEach
  void setUpAsBefore() {
    locks.close();
    client.close();
    for (RedisServer master : cluster.masters()) {
      master.run(Command.CONFIG, "SET", "maxmemory", "0");
      master.run(Command.CONFIG, "SET", "maxmemory-policy", "noeviction");
      master.run(Command.CONFIG, "SET", "save", "");
      master.run(Command.ACL, "DELUSER", "limited");
    }
  }

  @Test
  void check_mastersThatAreFine_findsNothingAndLeavesNothing() {
    assertThat(store.check()).isEmpty();
    assertThat(locks.check("users")).isEmpty();
    await()
        .untilAsserted(
            () ->
                assertThat(cluster.masters())
                    .allSatisfy(master -> assertThat(master.run(Command.DBSIZE)).isEqualTo(0L)));
  }

  @Test
  void check_someMastersAreSetUpWrong_namesEach() {
    second.run(Command.CONFIG, "SET", "maxmemory-policy", "volatile-ttl");
    second.run(Command.CONFIG, "SET", "maxmemory", "100mb");
    third.run(Command.CONFIG, "SET", "save", "900 1");
    first.run(Command.CONFIG, "SET", "maxmemory-policy", "noeviction");
    first.run(Command.CONFIG, "SET", "maxmemory", "1");

    assertThat(keeping().check())
        .extracting(Finding::severity, Finding::subject)
        .containsExactlyInAnyOrder(
            tuple(Severity.ERROR, "Redis maxmemory at " + address(first)),
            tuple(Severity.WARNING, "Redis maxmemory-policy at " + address(second)),
            tuple(Severity.WARNING, "Redis persistence at " + address(third)));
  }

  @Test
  void check_oneMasterIsAway_namesItAndAsksTheOthers() {
    cluster.serveWhatIsLeft();
    third.run(Command.CONFIG, "SET", "save", "900 1");
    second.stop();

    assertThat(keeping().check())
        .extracting(Finding::severity, Finding::subject)
        .containsExactlyInAnyOrder(
            tuple(Severity.WARNING, "Redis at " + address(second)),
            tuple(Severity.WARNING, "Redis persistence at " + address(third)));
    Finding finding = theOne(locks.check("users"));
    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.subject()).isEqualTo("Redis locks at " + address(second));
    second.restart();
    cluster.awaitWhole();
  }

  private RedisStore keeping() {
    return RedisStore.builder(client).failover(Failover.KEEP).build();
  }

  /** A cluster has no users in common: each server has its own. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void check_oneMasterRefusesWhatIsNeeded_namesIt(int place) {
    RedisServer strict = cluster.masters().get(place);
    letLimitedIn();
    strict.run(Command.ACL, "SETUSER", "limited", "-set");

    try (RedisClusterClient limited = limitedClient();
        RedisLocks limitedLocks = RedisLocks.create(limited)) {
      Finding finding = theOne(RedisStore.create(limited).check());
      assertThat(finding.severity()).isEqualTo(Severity.ERROR);
      assertThat(finding.subject()).isEqualTo("Redis at " + address(strict));
      Finding ofLocks = theOne(limitedLocks.check("users"));
      assertThat(ofLocks.severity()).isEqualTo(Severity.ERROR);
      assertThat(ofLocks.subject()).isEqualTo("Redis locks at " + address(strict));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scan", "unlink"})
  void check_oneMasterDoesNotClear_namesIt(String command) {
    letLimitedIn();
    second.run(Command.ACL, "SETUSER", "limited", "-" + command);

    try (RedisClusterClient limited = limitedClient()) {
      Finding finding = theOne(RedisStore.create(limited).check());
      assertThat(finding.severity()).isEqualTo(Severity.WARNING);
      assertThat(finding.subject()).isEqualTo("Redis clear at " + address(second));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"publish", "subscribe"})
  void check_oneMasterDoesNotTellOrHear_namesIt(String command) {
    letLimitedIn();
    second.run(Command.ACL, "SETUSER", "limited", "-" + command);

    try (RedisClusterClient limited = limitedClient();
        RedisLocks limitedLocks = RedisLocks.create(limited)) {
      Finding finding = theOne(limitedLocks.check("users"));
      assertThat(finding.severity()).isEqualTo(Severity.WARNING);
      assertThat(finding.subject()).isEqualTo("Redis messages at " + address(second));
    }
  }

  /** A restart breaks the idle connections in the pools of all masters. */
  @Test
  void check_idleConnectionsAreBroken_findsNothing() {
    client.getClusterNodes().values().forEach(RestartIT::fill);
    cluster.killClients();

    assertThat(store.check()).isEmpty();
  }

  /** A slot may move to another master between the scan that finds a key and its removal. */
  @Test
  void unlink_keysOfOtherMasters_removedThere() {
    List<String> keys = IntStream.range(0, 100).mapToObj(Integer::toString).toList();
    keys.forEach(key -> client.set(key, "value"));

    assertThat(Master.of(client).get(0).unlink(keys)).isEqualTo(keys.size());
  }

  @Test
  @SuppressWarnings("deprecation") // Neither Jedis has another such client.
  void create_clientThatHidesTheServersOfItsCluster_refused() {
    ClusterConnectionProvider provider =
        new ClusterConnectionProvider(
            Set.of(RedisServer.address(first.port())), DefaultJedisClientConfig.builder().build());
    try (UnifiedJedis hiding = new UnifiedJedis(provider, 1, Awaiting.LIMIT)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RedisStore.create(hiding))
          .withMessage("jedis is a UnifiedJedis on a cluster; this needs a RedisClusterClient");
    }
  }

  private static void letLimitedIn() {
    cluster
        .masters()
        .forEach(
            master ->
                master.run(
                    Command.ACL, "SETUSER", "limited", "on", ">secret", "~*", "&*", "+@all"));
  }

  private static RedisClusterClient limitedClient() {
    return client(DefaultJedisClientConfig.builder().user("limited").password("secret"));
  }

  private static RedisClusterClient client(DefaultJedisClientConfig.Builder config) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(20);
    pool.setMaxWait(Awaiting.LIMIT);
    return cluster.client(1, config, pool);
  }

  private static String address(RedisServer server) {
    return RedisServer.address(server.port()).toString();
  }

  private static Finding theOne(List<Finding> findings) {
    assertThat(findings).hasSize(1);
    return findings.get(0);
  }
}
