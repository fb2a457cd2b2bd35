package io.tidemark.spring.redis;

import static java.util.Objects.requireNonNullElse;

import io.tidemark.spring.failure.SetupException;
import io.tidemark.spring.properties.RedisProperties;
import io.tidemark.spring.redis.RedisAddress.Login;
import io.tidemark.spring.redis.RedisAddress.Sentinels;
import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.ssl.SslBundle;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;

/** Makes the Jedis client for an address. Every wait of it has a limit. */
final class JedisClients {
  private static final String PREFIX = "tidemark.redis.";

  /** A read may meet three of them one after another, and stays within the default deadline. */
  private static final Duration DEFAULT_LIMIT = Duration.ofSeconds(2);

  private final RedisProperties properties;
  private final boolean jmx;

  /**
   * Makes clients with the limits of the properties.
   *
   * @param jmx whether the pools register themselves with JMX
   */
  JedisClients(RedisProperties properties, boolean jmx) {
    this.properties = properties;
    this.jmx = jmx;
  }

  /**
   * Makes a client. One for a single server connects when it is first used.
   *
   * @throws SetupException if no node of a cluster, or no Sentinel, answers: it is asked where the
   *     servers are
   */
  UnifiedJedis create(RedisAddress address) {
    JedisClientConfig config = config(address, address.login(), address.database());
    try {
      return switch (address.topology()) {
        case SERVER ->
            RedisClient.builder()
                .hostAndPort(address.nodes().iterator().next())
                .clientConfig(config)
                .poolConfig(pool())
                .build();
        case CLUSTER ->
            RedisClusterClient.builder()
                .nodes(address.nodes())
                .clientConfig(config)
                .poolConfig(pool())
                // RedisStore sends its commands itself; what check() asks need not be repeated.
                .maxAttempts(1)
                .build();
        case SENTINELS -> ofSentinels(address, config);
      };
    } catch (JedisException e) {
      throw unanswered(address, e);
    }
  }

  private RedisSentinelClient ofSentinels(RedisAddress address, JedisClientConfig config) {
    Sentinels sentinels = Objects.requireNonNull(address.sentinels());
    return RedisSentinelClient.builder()
        .masterName(sentinels.master())
        .sentinels(address.nodes())
        .sentinelClientConfig(config(address, sentinels.login(), 0))
        .clientConfig(config)
        .poolConfig(pool())
        .build();
  }

  private static SetupException unanswered(RedisAddress address, JedisException e) {
    SetupException failure =
        new SetupException(
            "Of %s, none says where the servers are: %s."
                .formatted(address.nodes(), e.getMessage()),
            "Start one of them before the application, or correct the addresses. With a cluster or"
                + " Sentinels, one must answer at start.");
    failure.initCause(e);
    return failure;
  }

  private JedisClientConfig config(RedisAddress address, Login login, int database) {
    DefaultJedisClientConfig.Builder config =
        DefaultJedisClientConfig.builder()
            .connectionTimeoutMillis(
                millis(
                    "connect-timeout",
                    properties.connectTimeout(),
                    address.defaults().connectTimeout()))
            .socketTimeoutMillis(
                millis("timeout", properties.timeout(), address.defaults().timeout()))
            .database(database)
            .ssl(address.tls());
    String clientName =
        properties.clientName() == null ? address.defaults().clientName() : properties.clientName();
    if (clientName != null) {
      config.clientName(clientName);
    }
    if (login.password() != null) {
      config.user(login.user()).password(login.password());
    }
    if (address.tls()) {
      encrypt(config, address.bundle());
    }
    return config.build();
  }

  private static void encrypt(DefaultJedisClientConfig.Builder config, @Nullable SslBundle bundle) {
    SSLParameters parameters = new SSLParameters();
    // Else Jedis 7 would take any server that has a certificate.
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    if (bundle != null) {
      if (bundle.getOptions().getCiphers() != null) {
        parameters.setCipherSuites(bundle.getOptions().getCiphers());
      }
      if (bundle.getOptions().getEnabledProtocols() != null) {
        parameters.setProtocols(bundle.getOptions().getEnabledProtocols());
      }
      config.sslSocketFactory(bundle.createSslContext().getSocketFactory());
    }
    config.sslParameters(parameters);
  }

  private ConnectionPoolConfig pool() {
    RedisProperties.Pool limits = properties.pool();
    if (limits.maxActive() < 1) {
      throw new InvalidConfigurationPropertyValueException(
          PREFIX + "pool.max-active", limits.maxActive(), "It must be 1 or more.");
    }
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(limits.maxActive());
    pool.setMaxIdle(limits.maxIdle());
    pool.setMinIdle(limits.minIdle());
    pool.setMaxWait(Duration.ofMillis(millis("pool.max-wait", limits.maxWait(), null)));
    pool.setJmxEnabled(jmx);
    return pool;
  }

  /** Jedis would wait for ever for zero or less. */
  private static int millis(String property, @Nullable Duration own, @Nullable Duration fallback) {
    Duration value = own == null ? requireNonNullElse(fallback, DEFAULT_LIMIT) : own;
    if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new InvalidConfigurationPropertyValueException(
          (own == null ? "spring.data.redis." : PREFIX) + property, value, "It must be 1ms to 1d.");
    }
    return (int) value.toMillis();
  }
}
