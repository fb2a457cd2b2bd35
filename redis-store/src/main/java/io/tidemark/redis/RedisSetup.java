package io.tidemark.redis;

import io.tidemark.spi.Finding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Looks for what is wrong with a Redis server's set-up: one INFO and two CONFIG GET. Of a cluster
 * it asks any one server. Thread-safe.
 */
final class RedisSetup {
  private final UnifiedJedis jedis;

  RedisSetup(UnifiedJedis jedis) {
    this.jedis = jedis;
  }

  List<Finding> check() {
    try {
      Map<String, String> info = info();
      List<Finding> findings = new ArrayList<>();
      findings.addAll(checkVersion(info.getOrDefault("redis_version", "")));
      findings.addAll(checkRole(info.getOrDefault("role", "")));
      findings.addAll(
          checkEviction(
              info.getOrDefault("maxmemory", "0"), info.getOrDefault("maxmemory_policy", "")));
      findings.addAll(checkPersistence());
      return List.copyOf(findings);
    } catch (JedisException e) {
      return List.of(
          Finding.warning("Redis", "it cannot be asked: " + e.getMessage(), "check it later"));
    }
  }

  private Map<String, String> info() {
    Map<String, String> info = new HashMap<>();
    for (String line : jedis.info().split("\r?\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        info.put(line.substring(0, colon), line.substring(colon + 1));
      }
    }
    return info;
  }

  static List<Finding> checkVersion(String version) {
    int major = number(version, 0);
    if (major < 5) {
      return List.of(
          Finding.error(
              "Redis version",
              "it is '" + version + "', whose scripts may not write after they ask for the time",
              "use 6.2 or later"));
    }
    return major < 6 || (major == 6 && number(version, 1) < 2)
        ? List.of(
            Finding.warning(
                "Redis version",
                "it is '" + version + "', which no test has seen",
                "use 6.2 or later"))
        : List.of();
  }

  /** A part of a version, or a large number where there is none: what is unknown is no finding. */
  private static int number(String version, int part) {
    String[] parts = version.split("\\.", -1);
    try {
      return part < parts.length ? Integer.parseInt(parts[part]) : Integer.MAX_VALUE;
    } catch (NumberFormatException e) {
      return Integer.MAX_VALUE;
    }
  }

  private static List<Finding> checkRole(String role) {
    return role.equals("slave")
        ? List.of(
            Finding.error(
                "Redis role",
                "reads go to a replica, which may show an entry after a newer one was served",
                "connect to the primary"))
        : List.of();
  }

  private static List<Finding> checkEviction(String maxMemory, String policy) {
    return policy.equals("volatile-ttl") && !maxMemory.equals("0")
        ? List.of(
            Finding.warning(
                "Redis maxmemory-policy",
                "it is 'volatile-ttl', which evicts claims first: under pressure no load is cached",
                "set it to 'allkeys-lru', or to 'noeviction'"))
        : List.of();
  }

  /** A slot that comes back from disk may be older than one that was served before. */
  private List<Finding> checkPersistence() {
    Map<String, String> config;
    try {
      config = new HashMap<>(jedis.configGet("save"));
      config.putAll(jedis.configGet("append*"));
    } catch (JedisDataException e) {
      return List.of(
          Finding.warning(
              "Redis persistence",
              "the server does not tell: " + e.getMessage(),
              "make sure that a restart does not bring old entries back"));
    }
    boolean snapshots = !config.getOrDefault("save", "").isEmpty();
    boolean log = config.getOrDefault("appendonly", "no").equals("yes");
    boolean eachWrite = log && config.getOrDefault("appendfsync", "").equals("always");
    return (snapshots || log) && !eachWrite
        ? List.of(
            Finding.warning(
                "Redis persistence",
                "after a crash the server comes back with entries from before, and what was served"
                    + " since can step back until they expire",
                "switch it off (save '', appendonly no), set appendfsync to always, or clear the"
                    + " cache after a crash"))
        : List.of();
  }
}
