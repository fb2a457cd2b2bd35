package io.tidemark.redis;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import redis.clients.jedis.RedisClusterClient;

/** The contract of stores over a cluster: clear must visit every master. */
@Tag("thorough")
class RedisStoreClusterIT extends RedisStoreContract {
  private static RedisCluster cluster;
  private static RedisClusterClient client;

  RedisStoreClusterIT() {
    super(client);
  }

  @BeforeAll
  static void start() {
    cluster = RedisCluster.start(3);
    client = cluster.client();
  }

  @AfterAll
  static void stop() {
    client.close();
    cluster.close();
  }

  @Override
  public void beginLineage() {
    cluster.masters().forEach(RedisServer::beginLineage);
  }
}
