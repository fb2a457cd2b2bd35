package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Finding;
import io.tidemark.spi.Finding.Severity;
import io.tidemark.spi.LockProvider;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/** The findings about a server's set-up. */
final class RedisSetupIT {
  private final RedisServer server = RedisServer.start();
  private final RedisClient client = server.client();
  private final RedisStore store = RedisStore.create(client);

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void check_serverWithoutDisk_isFine() {
    assertThat(store.check()).isEmpty();
  }

  @Test
  void check_volatileTtlWithALimit_isAWarning() {
    server.run(Command.CONFIG, "SET", "maxmemory-policy", "volatile-ttl");
    assertThat(store.check()).as("nothing is evicted without a limit").isEmpty();
    server.run(Command.CONFIG, "SET", "maxmemory", "100mb");

    Finding finding = theOne(store.check());

    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.subject()).isEqualTo("Redis maxmemory-policy");
    assertThat(finding.toString()).contains("'volatile-ttl', which evicts claims first");
  }

  @ParameterizedTest
  @CsvSource({"save,900 1", "appendonly,yes"})
  void check_diskThatLagsBehind_isAWarning(String option, String value) {
    server.run(Command.CONFIG, "SET", option, value);

    Finding finding = theOne(keeping().check());
    endLog();

    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.subject()).isEqualTo("Redis persistence");
  }

  @Test
  void check_diskThatSyncsEachWrite_isFine() {
    server.run(Command.CONFIG, "SET", "appendonly", "yes");
    server.run(Command.CONFIG, "SET", "appendfsync", "always");

    List<Finding> findings = keeping().check();
    endLog();

    assertThat(findings).isEmpty();
  }

  @Test
  void check_replica_isAnError() {
    try (RedisServer primary = RedisServer.start()) {
      server.run(Command.REPLICAOF, "127.0.0.1", Integer.toString(primary.port()));

      Finding finding = theOne(store.check());

      assertThat(finding.severity()).isEqualTo(Severity.ERROR);
      assertThat(finding.subject()).isEqualTo("Redis role");
      assertThat(finding.advice()).isEqualTo("connect to the primary");
    }
  }

  @Test
  void check_fullServerThatEvictsNothing_isAnErrorThatSaysSo() {
    server.run(Command.CONFIG, "SET", "maxmemory-policy", "noeviction");
    server.run(Command.CONFIG, "SET", "maxmemory", "1");

    Finding finding = theOne(store.check());

    assertThat(finding.severity()).isEqualTo(Severity.ERROR);
    assertThat(finding.subject()).isEqualTo("Redis maxmemory");
    assertThat(finding.problem()).contains("of 1 bytes", "nothing can be cached");
  }

  @Test
  void check_commandIsRefused_isAnErrorWithTheServersWords() {
    server.run(Command.ACL, "SETUSER", "limited", "on", ">secret", "~*", "&*", "+@all", "-time");
    try (RedisClient limited = limitedClient(server.port());
        RedisLocks locks = RedisLocks.create(limited)) {
      assertThat(theOne(RedisStore.create(limited).check()))
          .satisfies(
              finding -> {
                assertThat(finding.severity()).isEqualTo(Severity.ERROR);
                assertThat(finding.problem())
                    .isEqualTo("its user lacks rights that are needed: +time");
              });
      Finding finding = theOne(locks.check("users"));
      assertThat(finding.subject()).isEqualTo("Redis locks");
      assertThat(finding.severity()).isEqualTo(Severity.ERROR);
      assertThat(client.keys("*")).as("what the trials leave").isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GETRANGE", "GET", "SET", "DEL", "TIME", "EVALSHA", "EVAL", "PTTL", "SETRANGE"})
  void check_storeMayNotDoWhatItNeeds_isAnErrorAndLeavesNothing(String command) {
    allowAllBut(command);
    try (RedisClient limited = limitedClient(server.port())) {
      Finding finding = theOne(RedisStore.create(limited).check());

      assertThat(finding.severity()).isEqualTo(Severity.ERROR);
      assertThat(finding.problem())
          .isEqualTo("its user lacks rights that are needed: " + right(command));
      assertThat(finding.advice()).endsWith("ACL SETUSER <user> " + right(command));
      await().until(() -> client.keys("*").isEmpty());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SCAN", "UNLINK"})
  void check_storeMayNotClear_isAWarning(String command) {
    allowAllBut(command);
    try (RedisClient limited = limitedClient(server.port())) {
      Finding finding = theOne(RedisStore.create(limited).check());

      assertThat(finding.severity()).isEqualTo(Severity.WARNING);
      assertThat(finding.toString()).startsWith("Redis clear: ").contains(right(command));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "SET", "DEL", "TIME", "EVALSHA", "SETRANGE", "PTTL", "PEXPIRE"})
  void check_locksMayNotDoWhatTheyNeed_isAnErrorAndLeavesNothing(String command) {
    allowAllBut(command);
    try (RedisClient limited = limitedClient(server.port());
        RedisLocks locks = RedisLocks.create(limited);
        Redlock redlock = Redlock.create(List.of(limited))) {
      for (LockProvider provider : List.of(locks, redlock)) {
        Finding finding = theOne(provider.check("users"));

        assertThat(finding.severity()).isEqualTo(Severity.ERROR);
        assertThat(finding.subject()).isEqualTo("Redis locks");
        assertThat(finding.problem()).endsWith(": " + right(command));
      }
      await().until(() -> client.keys("*").isEmpty());
    }
  }

  @Test
  void check_oneServerOfRedlockRefuses_namesItsPlace() {
    allowAllBut("SET");
    try (RedisClient limited = limitedClient(server.port());
        RedisClient other = server.client();
        Redlock redlock = Redlock.create(List.of(client, limited, other))) {
      Finding finding = theOne(redlock.check("users"));

      assertThat(finding.severity()).isEqualTo(Severity.ERROR);
      assertThat(finding.subject()).isEqualTo("Redis locks of client 2 of 3");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WATCH", "UNWATCH", "GET", "TIME", "MULTI", "SET", "PTTL", "PEXPIRE", "DEL", "EXEC"
      })
  void check_locksWithoutScriptsMayNotDoWhatTheyNeed_isAnErrorAndLeavesNothing(String command) {
    allowAllBut(command);
    try (RedisClient limited = limitedClient(server.port());
        OptimisticRedisLocks locks = OptimisticRedisLocks.create(limited)) {
      assertThat(theOne(locks.check("users")).severity()).isEqualTo(Severity.ERROR);
      await().until(() -> client.keys("*").isEmpty());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUBLISH", "SUBSCRIBE"})
  void check_locksMayNotTellOrHear_isAWarning(String command) {
    allowAllBut(command);
    try (RedisClient limited = limitedClient(server.port());
        RedisLocks locks = RedisLocks.create(limited)) {
      Finding finding = theOne(locks.check("users"));

      assertThat(finding.severity()).isEqualTo(Severity.WARNING);
      assertThat(finding.toString()).startsWith("Redis messages: ").contains(right(command));
    }
  }

  @Test
  void check_userMayNotPing_isAWarning() {
    allowAllBut("PING");
    try (RedisClient limited = limitedClient(server.port());
        RedisLocks locks = RedisLocks.create(limited)) {
      for (Finding finding :
          List.of(theOne(RedisStore.create(limited).check()), theOne(locks.check("users")))) {
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.toString()).startsWith("Redis ping: its user lacks +ping");
      }
    }
  }

  @Test
  void check_clientIsClosed_isAnErrorThatSaysSo() {
    RedisClient closed = server.client();
    try (RedisLocks locks = RedisLocks.create(closed)) {
      closed.close();
      for (Finding finding :
          List.of(theOne(RedisStore.create(closed).check()), theOne(locks.check("users")))) {
        assertThat(finding.severity()).isEqualTo(Severity.ERROR);
        assertThat(finding.problem()).isEqualTo("the Redis client is closed");
      }
    }
  }

  @Test
  void check_poolWithoutMaxWait_isAWarning() {
    try (RedisClient careless = RedisClient.create("127.0.0.1", server.port());
        RedisLocks locks = RedisLocks.create(careless)) {
      assertThat(theOne(RedisStore.create(careless).check()).toString())
          .startsWith("Jedis pool maxWait: it is endless");
      assertThat(locks.check("users"))
          .extracting(Finding::subject)
          .containsExactly("Jedis pool maxWait", "Jedis pool maxTotal");
    }
  }

  /** A silent server would keep the threads of its callers, whatever their deadlines. */
  @Test
  void check_clientThatWaitsForAnAnswerForEver_isAWarning() {
    try (RedisClient careless = RedisServer.client(server.port(), Duration.ZERO, poolWithLimits());
        RedisLocks locks = RedisLocks.create(careless)) {
      for (Finding finding :
          List.of(theOne(RedisStore.create(careless).check()), theOne(locks.check("users")))) {
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.toString()).startsWith("Jedis socket timeout: it is endless");
      }
    }
  }

  @Test
  void check_locksThatWork_findNothingAndLeaveNothing() {
    try (RedisLocks locks = RedisLocks.create(client);
        Redlock redlock = Redlock.create(List.of(client));
        OptimisticRedisLocks optimistic = OptimisticRedisLocks.create(client)) {
      assertThat(locks.check("users")).isEmpty();
      assertThat(redlock.check("users")).isEmpty();
      assertThat(optimistic.check("users")).isEmpty();
      assertThat(client.keys("*")).isEmpty();
    }
  }

  @Test
  void check_serverThatIsAway_isAWarning() {
    server.stop();

    Finding finding = theOne(store.check());

    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.problem()).startsWith("the check failed: ");
  }

  @Test
  void check_diskAndSlotsOfBeforeAreLost_isFine() {
    server.run(Command.CONFIG, "SET", "save", "900 1");

    assertThat(store.check()).isEmpty();
  }

  private RedisStore keeping() {
    return RedisStore.builder(client).failover(Failover.KEEP).build();
  }

  /** A server does not stop while it starts its append-only file. */
  private void endLog() {
    server.run(Command.CONFIG, "SET", "appendonly", "no");
  }

  private static String right(String command) {
    return "+" + command.toLowerCase(Locale.ROOT);
  }

  private void allowAllBut(String command) {
    server.run(
        Command.ACL, "SETUSER", "limited", "on", ">secret", "~*", "&*", "+@all", "-" + command);
  }

  private static RedisClient limitedClient(int port) {
    return RedisClient.builder()
        .hostAndPort(RedisServer.address(port))
        .clientConfig(DefaultJedisClientConfig.builder().user("limited").password("secret").build())
        .poolConfig(poolWithLimits())
        .build();
  }

  private static ConnectionPoolConfig poolWithLimits() {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(20);
    pool.setMaxWait(Awaiting.LIMIT);
    return pool;
  }

  private static Finding theOne(List<Finding> findings) {
    assertThat(findings).hasSize(1);
    return findings.get(0);
  }
}
