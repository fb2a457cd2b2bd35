package io.tidemark.redis;

import io.tidemark.spi.Finding;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor.Version;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.UnifiedJedis;

/**
 * Checks a client, and the version of Jedis on the class path. That may be another than this was
 * compiled with, because build tools and Spring Boot choose one of their own. Uses nothing that an
 * old Jedis does not have.
 */
final class JedisCheck {
  /** Where the jar of Jedis tells its version. */
  private static final String RESOURCE = "/redis/clients/jedis/pom.properties";

  private static final Version OLDEST = Version.parse("7.4");
  private static final Version FIRST_UNTESTED = Version.parse("9");
  private static final String ADVICE = "use redis.clients:jedis 7.4 or later, up to 8.x";

  private JedisCheck() {}

  /**
   * Refuses a Jedis that is too old, a client whose reads may be old, and a client that hides the
   * servers of its cluster, such as the JedisCluster of Jedis 7.
   *
   * @return the client
   */
  static <T extends UnifiedJedis> T checked(T jedis) {
    found().ifPresent(JedisCheck::check);
    if (Objects.requireNonNull(jedis, "jedis").getCache() != null) {
      throw new IllegalArgumentException(
          "jedis has a client-side cache; this needs a client without one");
    }
    if (Providers.isOfCluster(jedis) && !(jedis instanceof RedisClusterClient)) {
      throw new IllegalArgumentException(
          "jedis is a %s on a cluster; this needs a RedisClusterClient"
              .formatted(jedis.getClass().getSimpleName()));
    }
    return jedis;
  }

  static void check(Version version) {
    if (version.compareTo(OLDEST) < 0) {
      throw new IllegalStateException(
          "Jedis on the class path is " + version + ", which is too old; " + ADVICE);
    }
  }

  /** Reports a Jedis that is newer than what this was tested with. */
  static List<Finding> findings() {
    return found().map(JedisCheck::findings).orElse(List.of());
  }

  static List<Finding> findings(Version version) {
    return version.compareTo(FIRST_UNTESTED) < 0
        ? List.of()
        : List.of(
            Finding.warning(
                "Jedis version", "it is '" + version + "', which is not tested", ADVICE));
  }

  /** The version, if Jedis tells one: its resources may be missing where jars are merged. */
  private static Optional<Version> found() {
    try (InputStream in = UnifiedJedis.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        return Optional.empty();
      }
      Properties properties = new Properties();
      properties.load(in);
      return parsed(properties.getProperty("version", ""));
    } catch (IOException e) {
      throw new UncheckedIOException("could not read " + RESOURCE, e);
    }
  }

  private static Optional<Version> parsed(String version) {
    try {
      return Optional.of(Version.parse(version));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
