package io.tidemark.spring.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.spring.failure.SetupException;
import io.tidemark.spring.properties.ZooKeeperProperties;
import java.time.Duration;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.retry.RetryNTimes;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** Makes the Curator client of an application from its properties. */
final class CuratorClients {
  private static final String PREFIX = "tidemark.zookeeper.";

  /** Enough to find another server. A longer outage is up to lock-outage-wait and on-fallback. */
  private static final RetryNTimes RETRIES = new RetryNTimes(3, 100);

  private CuratorClients() {}

  /** Starts a client. It connects in the background, and needs no server yet. */
  static CuratorFramework start(ZooKeeperProperties properties, @Nullable ACLProvider acls) {
    String servers = properties.connectString();
    if (servers == null || servers.isBlank()) {
      throw new SetupException(
          "The locks of the caches are in ZooKeeper (tidemark.locks=zookeeper, the default), and"
              + " tidemark.zookeeper.connect-string is not set.",
          "Set tidemark.zookeeper.connect-string to the ensemble, such as"
              + " zk1:2181,zk2:2181,zk3:2181, or define a bean of the type CuratorFramework. Without"
              + " ZooKeeper, set tidemark.locks=redis; with one instance or in a test, set"
              + " tidemark.locks=local.");
    }
    CuratorFrameworkFactory.Builder builder =
        CuratorFrameworkFactory.builder()
            .connectString(servers)
            .sessionTimeoutMs(millis("session-timeout", properties.sessionTimeout()))
            .connectionTimeoutMs(millis("connection-timeout", properties.connectionTimeout()))
            .retryPolicy(RETRIES);
    if (properties.namespace() != null) {
      builder.namespace(properties.namespace());
    }
    if (acls != null) {
      builder.aclProvider(acls);
    }
    authorize(builder, properties.authentication());
    CuratorFramework curator = build(builder, properties);
    curator.start();
    return curator;
  }

  private static CuratorFramework build(
      CuratorFrameworkFactory.Builder builder, ZooKeeperProperties properties) {
    try {
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new SetupException(
          "ZooKeeper's client refuses tidemark.zookeeper.connect-string=%s with namespace %s: %s."
              .formatted(properties.connectString(), properties.namespace(), e.getMessage()),
          "Write the connect-string as host:port,host:port and the namespace as a path without its"
              + " first slash.");
    }
  }

  private static void authorize(
      CuratorFrameworkFactory.Builder builder,
      ZooKeeperProperties.@Nullable Authentication authentication) {
    if (authentication == null) {
      return;
    }
    String credentials = authentication.credentials();
    if (credentials == null) {
      throw new SetupException(
          "tidemark.zookeeper.authentication.scheme is %s, and there are no credentials."
              .formatted(authentication.scheme()),
          "Set tidemark.zookeeper.authentication.credentials, such as user:password.");
    }
    builder.authorization(authentication.scheme(), credentials.getBytes(UTF_8));
  }

  private static int millis(String option, Duration value) {
    if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new InvalidConfigurationPropertyValueException(
          PREFIX + option, value, "It must be 1ms to 1d.");
    }
    return (int) value.toMillis();
  }
}
