package io.tidemark.spring.redis;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import redis.clients.jedis.HostAndPort;

/**
 * Where Redis is, and how to log in. Immutable.
 *
 * @param topology what is at the nodes
 * @param nodes one server, some nodes of a cluster, or the Sentinels
 * @param login to the servers with the data
 * @param database the number of the database; 0 in a cluster
 * @param tls whether to encrypt
 * @param bundle the certificates, or null for those of the JVM
 * @param sentinels the master that the Sentinels know, and the login to them; null without them
 * @param defaults limits from where the address comes from
 */
record RedisAddress(
    Topology topology,
    Set<HostAndPort> nodes,
    Login login,
    int database,
    boolean tls,
    @Nullable SslBundle bundle,
    @Nullable Sentinels sentinels,
    Defaults defaults) {

  enum Topology {
    SERVER,
    CLUSTER,
    SENTINELS
  }

  /**
   * A user.
   *
   * @param user null for the default user
   * @param password null if none is needed
   */
  record Login(@Nullable String user, @Nullable String password) {
    static final Login NONE = new Login(null, null);

    /** Does not show the password. */
    @Override
    public String toString() {
      return "Login of " + user;
    }
  }

  record Sentinels(String master, Login login) {}

  /** What is used unless {@code tidemark.redis} sets it. */
  record Defaults(
      @Nullable Duration connectTimeout, @Nullable Duration timeout, @Nullable String clientName) {
    static final Defaults NONE = new Defaults(null, null, null);
  }
}
