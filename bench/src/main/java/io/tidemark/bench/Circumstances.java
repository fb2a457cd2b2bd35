package io.tidemark.bench;

import com.alicp.jetcache.redis.lettuce.RedisLettuceCacheBuilder;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lettuce.core.RedisURI;
import io.tidemark.bench.contestants.RedisClients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.ZooKeeper;
import org.openjdk.jmh.Main;
import org.redisson.Redisson;
import org.springframework.data.redis.cache.RedisCacheManager;
import redis.clients.jedis.RedisClient;

/** When and on what the figures were measured. */
final class Circumstances {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final String UNKNOWN = "not told";

  private static final List<Class<?>> LIBRARIES =
      List.of(
          RedisClient.class,
          CuratorFramework.class,
          ZooKeeper.class,
          Redisson.class,
          RedisLettuceCacheBuilder.class,
          RedisCacheManager.class,
          RedisURI.class,
          Caffeine.class,
          Main.class);

  private Circumstances() {}

  /**
   * Looks at the machine and at the libraries, and asks Redis.
   *
   * @param command that measured
   * @param redis where Redis listens
   */
  static Map<String, String> find(String command, String redis) throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    found.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    found.put("command", "`" + command + "`");
    found.put("processors", Runtime.getRuntime().availableProcessors() + " × " + processorModel());
    found.put(
        "operating system",
        "%s %s, %s".formatted(system("os.name"), system("os.version"), system("os.arch")));
    found.put("Java", "%s (%s)".formatted(system("java.vm.version"), system("java.vm.vendor")));
    found.put("Redis", redisVersion(redis));
    // The script says it.
    found.put("commit", system("tidemark.commit"));
    found.put(
        "libraries",
        LIBRARIES.stream().map(Circumstances::library).collect(Collectors.joining(", ")));
    return found;
  }

  private static String processorModel() throws IOException {
    if (!Files.isReadable(PROCESSORS)) {
      return UNKNOWN;
    }
    try (Stream<String> lines = Files.lines(PROCESSORS)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(UNKNOWN);
    }
  }

  private static String redisVersion(String address) {
    try (RedisClient redis = RedisClients.connect(address, 1)) {
      return redis
          .info("server")
          .lines()
          .filter(line -> line.startsWith("redis_version:"))
          .map(line -> line.substring(line.indexOf(':') + 1))
          .findFirst()
          .orElse(UNKNOWN);
    }
  }

  /** The name of the file that a class is from: it has the version. */
  private static String library(Class<?> type) {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath())
        .getFileName()
        .toString()
        .replaceFirst("\\.jar$", "");
  }

  private static String system(String property) {
    return System.getProperty(property, UNKNOWN);
  }
}
