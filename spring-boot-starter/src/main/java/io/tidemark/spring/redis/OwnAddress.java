package io.tidemark.spring.redis;

import io.tidemark.spring.failure.SetupException;
import io.tidemark.spring.properties.RedisProperties;
import io.tidemark.spring.redis.RedisAddress.Defaults;
import io.tidemark.spring.redis.RedisAddress.Login;
import io.tidemark.spring.redis.RedisAddress.Sentinels;
import io.tidemark.spring.redis.RedisAddress.Topology;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.MutuallyExclusiveConfigurationPropertiesException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.util.JedisURIHelper;

/** Reads the address from the properties {@code tidemark.redis}. */
final class OwnAddress {
  private static final String PREFIX = "tidemark.redis.";
  private static final int DEFAULT_PORT = 6379;

  private final RedisProperties properties;
  private final @Nullable SslBundles bundles;

  OwnAddress(RedisProperties properties, @Nullable SslBundles bundles) {
    this.properties = properties;
    this.bundles = bundles;
  }

  /** Empty if no address is set, and nothing that needs one. */
  Optional<RedisAddress> find() {
    MutuallyExclusiveConfigurationPropertiesException.throwIfMultipleNonNullValuesIn(
        entries -> {
          entries.put(PREFIX + "url", properties.url());
          entries.put(PREFIX + "host", properties.host());
          entries.put(PREFIX + "cluster.nodes", properties.cluster());
          entries.put(PREFIX + "sentinel.nodes", properties.sentinel());
        });
    if (properties.url() != null) {
      return Optional.of(ofUrl(properties.url()));
    }
    if (properties.host() != null) {
      HostAndPort server = new HostAndPort(properties.host(), port());
      return Optional.of(address(Topology.SERVER, Set.of(server), null));
    }
    if (properties.cluster() != null) {
      checkNoDatabase();
      return Optional.of(
          address(Topology.CLUSTER, nodes("cluster.nodes", properties.cluster().nodes()), null));
    }
    if (properties.sentinel() != null) {
      return Optional.of(ofSentinels(properties.sentinel()));
    }
    checkNothingNeedsAnAddress();
    return Optional.empty();
  }

  private RedisAddress ofUrl(String text) {
    MutuallyExclusiveConfigurationPropertiesException.throwIfMultipleNonNullValuesIn(
        entries -> {
          entries.put(PREFIX + "url", "set");
          entries.put(PREFIX + "port", properties.port());
        });
    URI url = parsed(text);
    String user = JedisURIHelper.getUser(url);
    String password = JedisURIHelper.getPassword(url);
    return new RedisAddress(
        Topology.SERVER,
        Set.of(new HostAndPort(url.getHost(), url.getPort() < 0 ? DEFAULT_PORT : url.getPort())),
        password == null
            ? login()
            : new Login(user == null || user.isEmpty() ? null : user, password),
        properties.database() == null ? JedisURIHelper.getDBIndex(url) : properties.database(),
        JedisURIHelper.isRedisSSLScheme(url) || tls(),
        bundle(),
        null,
        Defaults.NONE);
  }

  private static URI parsed(String text) {
    try {
      URI url = URI.create(text);
      if (url.getHost() != null
          && (JedisURIHelper.isRedisScheme(url) || JedisURIHelper.isRedisSSLScheme(url))) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // Its message would show the password.
    }
    // Spring Boot's exception for wrong values would show the password, too.
    throw new SetupException(
        "%surl is '%s', which is not the address of a Redis server."
            .formatted(PREFIX, text.replaceAll("//.*@", "//***@")),
        "Write redis://user:password@host:port/database, or rediss for TLS, with special characters"
            + " of the password percent-encoded.");
  }

  private RedisAddress ofSentinels(RedisProperties.Sentinel sentinel) {
    if (sentinel.master() == null) {
      throw new SetupException(
          PREFIX + "sentinel.nodes is set, and " + PREFIX + "sentinel.master is not.",
          "Set tidemark.redis.sentinel.master to the name of the master that the Sentinels watch.");
    }
    return address(
        Topology.SENTINELS,
        nodes("sentinel.nodes", sentinel.nodes()),
        new Sentinels(sentinel.master(), new Login(sentinel.username(), sentinel.password())));
  }

  private RedisAddress address(
      Topology topology, Set<HostAndPort> nodes, @Nullable Sentinels sentinels) {
    int database = properties.database() == null ? 0 : properties.database();
    return new RedisAddress(
        topology, nodes, login(), database, tls(), bundle(), sentinels, Defaults.NONE);
  }

  private int port() {
    return properties.port() == null ? DEFAULT_PORT : properties.port();
  }

  private Login login() {
    return new Login(properties.username(), properties.password());
  }

  private boolean tls() {
    Boolean enabled = properties.ssl().enabled();
    return enabled == null ? properties.ssl().bundle() != null : enabled;
  }

  private @Nullable SslBundle bundle() {
    String name = properties.ssl().bundle();
    if (name == null) {
      return null;
    }
    if (bundles == null || !bundles.getBundleNames().contains(name)) {
      throw new SetupException(
          "tidemark.redis.ssl.bundle is %s, and the application has no SSL bundle of that name."
              .formatted(name),
          "Define it, such as by spring.ssl.bundle.pem.%s.truststore.certificate.".formatted(name));
    }
    return bundles.getBundle(name);
  }

  private void checkNoDatabase() {
    if (properties.database() != null && properties.database() != 0) {
      throw new InvalidConfigurationPropertyValueException(
          PREFIX + "database", properties.database(), "A Redis Cluster has only the database 0.");
    }
  }

  private void checkNothingNeedsAnAddress() {
    if (properties.port() != null
        || properties.database() != null
        || properties.username() != null
        || properties.password() != null
        || properties.ssl().bundle() != null
        || properties.ssl().enabled() != null) {
      throw new SetupException(
          "Properties below tidemark.redis say how to log in to a server, and none says where it is.",
          "Set tidemark.redis.url, host, cluster.nodes or sentinel.nodes too; or remove the port,"
              + " database, username, password and ssl there, to use those of spring.data.redis.");
    }
  }

  private static Set<HostAndPort> nodes(String property, List<String> texts) {
    if (texts.isEmpty()) {
      throw new InvalidConfigurationPropertyValueException(
          PREFIX + property, texts, "It must name at least one node.");
    }
    Set<HostAndPort> nodes = new LinkedHashSet<>();
    for (String text : texts) {
      try {
        nodes.add(HostAndPort.from(text));
      } catch (RuntimeException e) {
        throw new InvalidConfigurationPropertyValueException(
            PREFIX + property, text, "Each node must be host:port.");
      }
    }
    return nodes;
  }
}
