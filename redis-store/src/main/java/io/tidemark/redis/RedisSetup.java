package io.tidemark.redis;

import io.tidemark.spi.Finding;
import io.tidemark.spi.Finding.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Looks for what is wrong with the set-up of Redis, and with its client's pool: of each server that
 * has slots one INFO, two CONFIG GET, and what a store does all day, with a slot of its own. Of a
 * cluster every finding names the server. Thread-safe.
 */
final class RedisSetup {
  private static final String NO_EVICTION = "noeviction";

  /** As many as Jedis' own default: fewer are a choice that should be known. */
  private static final int LEAST_CONNECTIONS = 8;

  private final UnifiedJedis jedis;
  private final JedisFailures failures;
  private final Consumer<Master> trial;
  private final Consumer<Master> trialOfClear;

  /**
   * For one client.
   *
   * @param trial gives a server the commands that a store gives, and may be repeated
   * @param trialOfClear gives it those that only {@code clear} needs, likewise
   */
  RedisSetup(
      UnifiedJedis jedis,
      JedisFailures failures,
      Consumer<Master> trial,
      Consumer<Master> trialOfClear) {
    this.jedis = jedis;
    this.failures = failures;
    this.trial = trial;
    this.trialOfClear = trialOfClear;
  }

  List<Finding> check() {
    List<Finding> findings =
        new ArrayList<>(new ClientPools(jedis).check(LEAST_CONNECTIONS, "the store's callers"));
    try {
      for (Master master : Master.of(jedis)) {
        check(master).forEach(finding -> findings.add(master.named(finding)));
      }
    } catch (JedisException e) {
      findings.add(failures.unasked("Redis", e));
    }
    return List.copyOf(findings);
  }

  private List<Finding> check(Master master) {
    List<Finding> findings = new ArrayList<>();
    try {
      Map<String, String> info = info(master);
      findings.addAll(checkVersion(info.getOrDefault("redis_version", "")));
      findings.addAll(checkRole(info.getOrDefault("role", "")));
      findings.addAll(
          checkEviction(
              info.getOrDefault("maxmemory", "0"), info.getOrDefault("maxmemory_policy", "")));
      findings.addAll(checkMemory(info));
      findings.addAll(checkPersistence(master));
    } catch (JedisException e) {
      findings.add(failures.unasked("Redis", e));
    }
    boolean isFoundWanting =
        findings.stream().anyMatch(finding -> finding.severity() == Severity.ERROR);
    return isFoundWanting ? findings : withTrial(master, findings);
  }

  /** What the trial meets, unless the server is found to be away already. */
  private List<Finding> withTrial(Master master, List<Finding> findings) {
    try {
      trial.accept(master);
    } catch (JedisException e) {
      Finding finding = failures.finding("Redis", e);
      if (finding.severity() == Severity.ERROR || findings.isEmpty()) {
        findings.add(finding);
      }
      return findings;
    }
    return withTrialOfClear(master, findings);
  }

  /** A cache that is never cleared lacks nothing. */
  private List<Finding> withTrialOfClear(Master master, List<Finding> findings) {
    try {
      trialOfClear.accept(master);
    } catch (JedisException e) {
      findings.add(
          Finding.warning(
              "Redis clear",
              "clear() will fail: " + JedisFailures.words(e),
              "let this user scan and unlink, if caches are to be cleared"));
    }
    return findings;
  }

  private static Map<String, String> info(Master master) {
    CommandObject<String> question =
        new CommandObject<>(new CommandArguments(Protocol.Command.INFO), BuilderFactory.STRING);
    Map<String, String> info = new HashMap<>();
    for (String line : master.ask(question).split("\r?\n", -1)) {
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

  /** A server that is full and evicts nothing refuses claims. */
  private static List<Finding> checkMemory(Map<String, String> info) {
    long most = bytes(info, "maxmemory");
    long used = bytes(info, "used_memory");
    return most > 0 && used >= most && info.getOrDefault("maxmemory_policy", "").equals(NO_EVICTION)
        ? List.of(
            Finding.error(
                "Redis maxmemory",
                "it is full (%d of %d bytes) and evicts nothing ('%s'): nothing can be cached"
                    .formatted(used, most, NO_EVICTION),
                "raise maxmemory, or set maxmemory-policy to 'allkeys-lru'"))
        : List.of();
  }

  private static long bytes(Map<String, String> info, String name) {
    try {
      return Long.parseLong(info.getOrDefault(name, "0"));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** A slot that comes back from disk may be older than one that was served before. */
  private static List<Finding> checkPersistence(Master master) {
    Map<String, String> config;
    try {
      config = new HashMap<>(config(master, "save"));
      config.putAll(config(master, "append*"));
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

  private static Map<String, String> config(Master master, String options) {
    return master.ask(
        new CommandObject<>(
            new CommandArguments(Protocol.Command.CONFIG).add("GET").add(options),
            BuilderFactory.STRING_MAP));
  }
}
