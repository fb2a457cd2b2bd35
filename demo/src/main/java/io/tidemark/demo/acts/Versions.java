package io.tidemark.demo.acts;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.curator.framework.CuratorFramework;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.UnifiedJedis;

/** Which versions of everything played. */
final class Versions {
  private static final int ANSWER_MILLIS = 60_000;
  private static final Pattern ZOOKEEPER = Pattern.compile("Zookeeper version: ([0-9.]+)");
  private static final Pattern REDIS = Pattern.compile("redis_version:(\\S+)");

  private Versions() {}

  /** Asks each server and each library, in the order of the report. */
  static Map<String, String> ask(
      String zookeeperAddresses, UnifiedJedis redis, DatabaseView database) throws Exception {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("Tidemark", property(Versions.class, "versions.properties", "tidemark"));
    versions.put("Java", "%s (%s)".formatted(system("java.version"), system("java.vendor")));
    versions.put(
        "operating system",
        "%s %s, %s, %d processors"
            .formatted(
                system("os.name"),
                system("os.version"),
                system("os.arch"),
                Runtime.getRuntime().availableProcessors()));
    versions.put("ZooKeeper", zookeeper(zookeeperAddresses.split(",", -1)[0]));
    versions.put("Redis", redis(redis));
    versions.put("PostgreSQL", database.serverVersion());
    versions.put(
        "Curator", ofLibrary(CuratorFramework.class, "org.apache.curator/curator-framework"));
    versions.put("Jedis", ofLibrary(UnifiedJedis.class, "redis.clients/jedis"));
    return versions;
  }

  private static String zookeeper(String address) throws IOException {
    HostAndPort server = HostAndPort.from(address);
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.getOutputStream().write("srvr".getBytes(US_ASCII));
      return found(ZOOKEEPER, new String(socket.getInputStream().readAllBytes(), US_ASCII));
    }
  }

  /** In a script, which a cluster runs as it runs any other command about a key. */
  private static String redis(UnifiedJedis redis) {
    Object info = redis.eval("return redis.call('INFO', 'server')", List.of("any"), List.of());
    return found(REDIS, String.valueOf(info));
  }

  private static String found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : "not told";
  }

  private static String ofLibrary(Class<?> type, String artifact) throws IOException {
    return property(type, "/META-INF/maven/" + artifact + "/pom.properties", "version");
  }

  private static String property(Class<?> type, String resource, String name) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = type.getResourceAsStream(resource)) {
      properties.load(Objects.requireNonNull(in, resource));
    }
    return properties.getProperty(name, "not told");
  }

  private static String system(String property) {
    return System.getProperty(property, "not told");
  }
}
