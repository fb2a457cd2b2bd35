package io.tidemark.spring.properties;

import io.tidemark.redis.Failover;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where Redis is. Without an address here, that of {@code spring.data.redis} is used. Immutable.
 *
 * @param url Address of the server, as redis://user:password@host:port/database, or rediss for TLS.
 * @param host Host of the server.
 * @param port Port of the server. 6379 by default.
 * @param username User to log in as.
 * @param password Password of the user.
 * @param database Number of the database. 0 by default.
 * @param clientName Name of the connections in Redis' client list.
 * @param ssl Encryption of the connections.
 * @param cluster Redis Cluster to connect to.
 * @param sentinel Redis Sentinels that know the server.
 * @param connectTimeout How long a connection may take to be made. 2s by default.
 * @param timeout How long to wait for an answer. 2s by default.
 * @param pool Pool of connections, one for each server.
 * @param lock Locks in Redis, with tidemark.locks=redis.
 * @param failover What is done with slots that Redis brings back when it fails over or restarts.
 */
public record RedisProperties(
    @Nullable String url,
    @Nullable String host,
    @Nullable Integer port,
    @Nullable String username,
    @Nullable String password,
    @Nullable Integer database,
    @Nullable String clientName,
    @DefaultValue Ssl ssl,
    @Nullable Cluster cluster,
    @Nullable Sentinel sentinel,
    @Nullable Duration connectTimeout,
    @Nullable Duration timeout,
    @DefaultValue Pool pool,
    @DefaultValue Lock lock,
    @DefaultValue("forward-only") Failover failover) {

  /**
   * Encryption.
   *
   * @param enabled Whether to use TLS. True by default if a bundle is named or the URL says rediss.
   * @param bundle Name of the SSL bundle with the certificates. By default those of the JVM.
   */
  public record Ssl(@Nullable Boolean enabled, @Nullable String bundle) {}

  /**
   * A cluster.
   *
   * @param nodes Some nodes of the cluster, as host:port. The others are found through them.
   */
  public record Cluster(@DefaultValue List<String> nodes) {}

  /**
   * Sentinels.
   *
   * @param master Name of the master that the Sentinels watch.
   * @param nodes The Sentinels, as host:port.
   * @param username User to log in to the Sentinels as.
   * @param password Password of that user.
   */
  public record Sentinel(
      @Nullable String master,
      @DefaultValue List<String> nodes,
      @Nullable String username,
      @Nullable String password) {}

  /**
   * A pool of connections.
   *
   * @param maxActive Most connections to one server.
   * @param maxIdle Most connections that are kept while nobody uses them.
   * @param minIdle Connections that are kept ready.
   * @param maxWait How long to wait for a connection of a full pool.
   */
  public record Pool(
      @DefaultValue("64") int maxActive,
      @DefaultValue("64") int maxIdle,
      @DefaultValue("0") int minIdle,
      @DefaultValue("2s") Duration maxWait) {}

  /**
   * Locks.
   *
   * @param life How long a lock outlives a process that crashed. 10s by default.
   * @param pollInterval Longest pause between two looks at a lock while no message tells of its
   *     release. 200ms by default.
   */
  public record Lock(@Nullable Duration life, @Nullable Duration pollInterval) {}
}
