package io.tidemark.redis;

import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.LockProviderContract;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import redis.clients.jedis.UnifiedJedis;

/** The contract of locks over real servers, for each kind of locks. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RedisLockContract extends LockProviderContract {
  /** No lock is lost because the machine stood still. */
  static final Duration LONG_LIFE = Duration.ofHours(1);

  private final List<? extends AutoCloseable> servers;
  private final List<? extends UnifiedJedis> clients;
  private final List<? extends UnifiedJedis> otherClients;
  private final LockProvider locks;
  private final LockProvider otherLocks;

  /** On servers of their own. */
  RedisLockContract(int servers) {
    this(Stream.generate(RedisServer::start).limit(servers).toList());
  }

  private RedisLockContract(List<RedisServer> servers) {
    this(
        servers,
        servers.stream().map(RedisServer::client).toList(),
        servers.stream().map(RedisServer::client).toList());
  }

  /** On a cluster, which the contract closes. */
  RedisLockContract(RedisCluster cluster) {
    this(List.of(cluster), List.of(cluster.client()), List.of(cluster.client()));
  }

  private RedisLockContract(
      List<? extends AutoCloseable> servers,
      List<? extends UnifiedJedis> clients,
      List<? extends UnifiedJedis> otherClients) {
    this.servers = servers;
    this.clients = clients;
    this.otherClients = otherClients;
    this.locks = newLocks(clients);
    this.otherLocks = newLocks(otherClients);
  }

  /** Makes the locks of one process. */
  abstract LockProvider newLocks(List<? extends UnifiedJedis> clients);

  @AfterAll
  void stop() throws Exception {
    ((AutoCloseable) locks).close();
    ((AutoCloseable) otherLocks).close();
    clients.forEach(UnifiedJedis::close);
    otherClients.forEach(UnifiedJedis::close);
    for (AutoCloseable server : servers) {
      server.close();
    }
  }

  @Override
  protected final LockProvider locks() {
    return locks;
  }

  @Override
  protected final LockProvider locksOfAnotherProcess() {
    return otherLocks;
  }

  @Override
  protected final void forget(SlotKey key) {
    clients.forEach(UnifiedJedis::flushAll);
  }
}
