package io.tidemark.redis;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import redis.clients.jedis.RedisClient;

/** The contract of stores over one Redis. */
class RedisStoreIT extends RedisStoreContract {
  private static RedisServer server;
  private static RedisClient client;

  RedisStoreIT() {
    super(client);
  }

  @BeforeAll
  static void start() {
    server = RedisServer.start();
    client = server.client();
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  @Override
  public void beginLineage() {
    server.beginLineage();
  }
}
