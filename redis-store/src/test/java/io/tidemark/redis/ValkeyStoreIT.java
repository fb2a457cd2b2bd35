package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** The contract of stores over one Valkey. */
@Tag("thorough")
class ValkeyStoreIT extends RedisStoreContract {
  private static RedisServer server;
  private static RedisClient client;

  ValkeyStoreIT() {
    super(client);
  }

  @BeforeAll
  static void start() {
    server = RedisServer.startValkey();
    client = server.client();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      client.close();
      server.close();
    }
  }

  @Override
  public void beginLineage() {
    server.beginLineage();
  }

  @Test
  void check_valkey_findsNothing() {
    assertThat(client.info("server")).contains("valkey_version:8.");
    assertThat(RedisStore.create(client).check()).isEmpty();
  }
}
