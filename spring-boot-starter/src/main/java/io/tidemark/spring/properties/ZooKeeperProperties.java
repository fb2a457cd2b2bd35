package io.tidemark.spring.properties;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where ZooKeeper is. Immutable.
 *
 * @param connectString Servers of the ensemble, as host:port separated by commas.
 * @param namespace Path below which all nodes are created, without the first slash.
 * @param sessionTimeout How long a crashed process keeps its locks. Longer than the pauses of
 *     network and garbage collector, and short enough that a reader waits for it within its
 *     deadline.
 * @param connectionTimeout How long to wait for one server of the ensemble.
 * @param authentication How to authenticate with the ensemble.
 */
public record ZooKeeperProperties(
    @Nullable String connectString,
    @Nullable String namespace,
    @DefaultValue("6s") Duration sessionTimeout,
    @DefaultValue("2s") Duration connectionTimeout,
    @Nullable Authentication authentication) {

  /**
   * How to authenticate with an ensemble.
   *
   * @param scheme Scheme of the authentication.
   * @param credentials Credentials in the form of the scheme, such as user:password.
   */
  public record Authentication(
      @DefaultValue("digest") String scheme, @Nullable String credentials) {}
}
