package io.tidemark.spring.properties;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties that begin with {@code tidemark}. Immutable.
 *
 * @param locks Which locks decide who loads a key.
 * @param store Where the slots of all caches live.
 * @param writer Name of this process in the slots that it writes, 1 to 8 printable ASCII characters
 *     without spaces. By default made of the process id and the host name.
 * @param checkOnStart Whether the store, the locks and the sources of all caches are checked before
 *     the application accepts requests. Without a check no server is needed to start.
 * @param healthTimeout How long the health indicator waits for the store and for the locks.
 * @param redis Connection to Redis.
 * @param zookeeper Connection to ZooKeeper.
 * @param defaults Options of every cache that has no option of its own.
 * @param caches Options of single caches, by the caches' names.
 */
@ConfigurationProperties(prefix = "tidemark", ignoreUnknownFields = false)
public record TidemarkProperties(
    @DefaultValue("zookeeper") Locks locks,
    @DefaultValue("redis") Store store,
    @Nullable String writer,
    @DefaultValue("off") CheckOnStart checkOnStart,
    @DefaultValue("1s") Duration healthTimeout,
    @NestedConfigurationProperty @DefaultValue RedisProperties redis,
    @NestedConfigurationProperty @DefaultValue ZooKeeperProperties zookeeper,
    @NestedConfigurationProperty @DefaultValue CacheProperties defaults,
    @DefaultValue Map<String, CacheProperties> caches) {

  /** Which locks decide who loads a key. */
  public enum Locks {
    /** Locks in ZooKeeper, by Curator. */
    ZOOKEEPER,
    /** Locks in the same Redis as the slots. */
    REDIS,
    /** Locks of this process only: for tests, and for an application with one instance. */
    LOCAL
  }

  /** Where the slots live. */
  public enum Store {
    /** In Redis, which the fleet shares. */
    REDIS,
    /** In this process only: for tests. */
    MEMORY
  }

  /** What a check before the first request leads to. */
  public enum CheckOnStart {
    /** Nothing is checked. */
    OFF,
    /** What is found is logged. */
    WARN,
    /** The application does not start with an unsafe set-up, or if a server does not answer. */
    FAIL
  }
}
