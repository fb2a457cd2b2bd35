package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.testkit.Awaiting;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.exceptions.JedisException;

/** The rights in docs/rights.md are enough for a Sentinel, and what happens without each. */
class SentinelRightsPageIT {
  private static final String MASTER = "master";
  private static final String BLOCK = "Sentinel";
  private static final String ADDRESS = "+sentinel|get-master-addr-by-name";

  private final RedisServer master = RedisServer.start();
  private final RedisServer replica = RedisServer.startReplicaOf(master.port());
  private RedisServer sentinel = master;

  @BeforeEach
  void start() {
    await().until(() -> text(master.run(Command.INFO, "replication")).contains("state=online"));
    sentinel = RedisServer.startSentinelOf(master, MASTER);
    await().until(() -> text(sentinel.run(Command.INFO, "sentinel")).contains("slaves=1"));
  }

  @AfterEach
  void stop() {
    sentinel.close();
    replica.close();
    master.close();
  }

  @Test
  void client_withTheRightsOfThePage_isRefusedNothingAndFollowsAFailover() {
    RightsPage.grant(sentinel, BLOCK);
    try (RedisSentinelClient client = client()) {
      assertThat(client.getCurrentMaster()).isEqualTo(RedisServer.address(master.port()));
      await()
          .until(
              () ->
                  text(sentinel.run(Command.CLIENT, "LIST", "TYPE", "pubsub"))
                      .contains("user=tidemark"));

      assertFollows(client);
      assertThat(RightsPage.refusals(sentinel)).isEmpty();
    }
  }

  @Test
  void client_withoutTheAddress_cannotBeBuilt() {
    RightsPage.grant(sentinel, BLOCK, ADDRESS);

    assertThatExceptionOfType(JedisException.class).isThrownBy(this::client);
    assertThat(RightsPage.refusals(sentinel)).contains(RightsPage.logged(ADDRESS));
  }

  /** Jedis asks again every few seconds instead. */
  @ParameterizedTest
  @ValueSource(strings = {"+subscribe", "&+switch-master"})
  void client_withoutMessages_followsAFailoverAllTheSame(String right) {
    assertThat(RightsPage.rights(BLOCK))
        .containsExactlyInAnyOrder("+subscribe", "&+switch-master", ADDRESS);
    RightsPage.grant(sentinel, BLOCK, right);
    try (RedisSentinelClient client = client()) {
      await().untilAsserted(() -> assertThat(RightsPage.refusals(sentinel)).contains(right));

      assertFollows(client);
    }
  }

  private void assertFollows(RedisSentinelClient client) {
    // It first has to learn that the replica is fit for that.
    await()
        .ignoreExceptionsMatching(
            refusal -> String.valueOf(refusal.getMessage()).startsWith("NOGOODSLAVE"))
        .until(() -> sentinel.run(Command.SENTINEL, "FAILOVER", MASTER) != null);

    await()
        .untilAsserted(
            () ->
                assertThat(client.getCurrentMaster())
                    .isEqualTo(RedisServer.address(replica.port())));
    assertThat(client.ping()).isEqualTo("PONG");
  }

  private static String text(Object answer) {
    return new String((byte[]) answer, US_ASCII);
  }

  private RedisSentinelClient client() {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxWait(Awaiting.LIMIT);
    int timeoutMillis = Math.toIntExact(Awaiting.LIMIT.toMillis());
    return RedisSentinelClient.builder()
        .masterName(MASTER)
        .sentinels(Set.of(RedisServer.address(sentinel.port())))
        .sentinelClientConfig(RightsPage.user().timeoutMillis(timeoutMillis).build())
        .clientConfig(DefaultJedisClientConfig.builder().timeoutMillis(timeoutMillis).build())
        .poolConfig(pool)
        .build();
  }
}
