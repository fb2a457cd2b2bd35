package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Finding;
import io.tidemark.spi.Finding.Severity;
import io.tidemark.testkit.Awaiting;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/** What a check says to do about a server that refuses everything, or everything of a kind. */
final class RefusedSetupIT {

  @Test
  void check_noPassword_isAnErrorOfTheLogin() {
    try (RedisServer server = RedisServer.startGuarded("secret");
        RedisClient client = client(server, DefaultJedisClientConfig.builder())) {
      assertRefused(client, "NOAUTH", "give the client the user name and the password");
    }
  }

  @Test
  void check_wrongPassword_isAnErrorOfTheLogin() {
    try (RedisServer server = RedisServer.startGuarded("secret");
        RedisClient client =
            client(server, DefaultJedisClientConfig.builder().password("another"))) {
      assertRefused(client, "WRONGPASS", "give the client the user name and the password");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"EVAL", "EVALSHA"})
  void check_serverWithoutScripts_isAnError(String command) {
    try (RedisServer server = RedisServer.startWithOptions("--rename-command", command, "");
        RedisClient client = client(server, DefaultJedisClientConfig.builder())) {
      assertRefused(client, "ERR unknown command `" + command, "rename-command");
    }
  }

  @Test
  void check_replicaThatTellsNothing_isAnErrorThatSaysWhereToGo() {
    try (RedisServer primary = RedisServer.start();
        RedisServer replica = RedisServer.start()) {
      replica.run(Command.REPLICAOF, "127.0.0.1", Integer.toString(primary.port()));
      replica.run(Command.ACL, "SETUSER", "default", "-info");
      try (RedisClient client = client(replica, DefaultJedisClientConfig.builder())) {
        assertThat(RedisStore.create(client).check())
            .filteredOn(finding -> finding.severity() == Severity.ERROR)
            .singleElement()
            .satisfies(
                finding -> {
                  assertThat(finding.problem()).contains("READONLY");
                  assertThat(finding.advice()).startsWith("connect to the master");
                });
      }
    }
  }

  /** The user lacks a right, so a later check would not find more. */
  @Test
  void check_infoIsRefused_isAdviceAboutRights() {
    try (RedisServer server = RedisServer.start();
        RedisClient client = client(server, DefaultJedisClientConfig.builder())) {
      server.run(Command.ACL, "SETUSER", "default", "-info", "-config");
      List<Finding> findings = RedisStore.builder(client).failover(Failover.KEEP).build().check();

      assertThat(findings).extracting(Finding::severity).containsOnly(Severity.WARNING);
      assertThat(findings)
          .extracting(Finding::toString)
          .containsExactly(
              "Redis rights: its user lacks +info: version, role, memory, eviction and replicas were"
                  + " not checked; let an administrator run: ACL SETUSER <user> +info",
              "Redis persistence: its user lacks +config|get: it was not checked; let an"
                  + " administrator run: ACL SETUSER <user> +config|get; or make sure that a restart"
                  + " does not restore old entries");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void check_masterWithAReplica_warnsUnlessItStopsWithoutReplicas(int leastReplicas) {
    try (RedisServer master = RedisServer.start();
        RedisServer replica = RedisServer.start();
        RedisClient client = client(master, DefaultJedisClientConfig.builder())) {
      RedisStore store = RedisStore.create(client);
      assertThat(store.check()).as("without replicas").isEmpty();
      replica.run(Command.REPLICAOF, "127.0.0.1", Integer.toString(master.port()));
      await().until(() -> client.info("replication").contains("state=online"));
      master.run(Command.CONFIG, "SET", "min-replicas-to-write", Integer.toString(leastReplicas));

      List<String> subjects = store.check().stream().map(Finding::subject).toList();

      assertThat(subjects)
          .isEqualTo(leastReplicas == 0 ? List.of("Redis min-replicas-to-write") : List.of());
    }
  }

  @Test
  void check_masterThatMissesItsReplicas_isAnErrorThatSaysSo() {
    try (RedisServer server = RedisServer.start();
        RedisClient client = client(server, DefaultJedisClientConfig.builder())) {
      server.run(Command.CONFIG, "SET", "min-replicas-to-write", "1");

      assertRefused(client, "NOREPLICAS", "bring its replicas back");
    }
  }

  /** Asserts that store and locks report one error each. */
  private static void assertRefused(RedisClient client, String words, String advice) {
    try (RedisLocks locks = RedisLocks.create(client)) {
      for (List<Finding> findings :
          List.of(RedisStore.create(client).check(), locks.check("users"))) {
        assertThat(findings)
            .singleElement()
            .satisfies(
                finding -> {
                  assertThat(finding.severity()).isEqualTo(Severity.ERROR);
                  assertThat(finding.problem())
                      .startsWith("the server refuses a command that is needed: " + words);
                  assertThat(finding.advice()).contains(advice);
                });
      }
    }
  }

  private static RedisClient client(
      RedisServer server, DefaultJedisClientConfig.Builder configuration) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(LockRequests.THREADS + 1);
    pool.setMaxWait(Awaiting.LIMIT);
    return RedisClient.builder()
        .hostAndPort(RedisServer.address(server.port()))
        .clientConfig(configuration.build())
        .poolConfig(pool)
        .build();
  }
}
