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
 * Checks the set-up of Redis and of its client's pool. Each master gets one INFO, two CONFIG GET,
 * and every command of a store, on a slot of its own. In a cluster every finding names its server.
 * Thread-safe.
 */
final class RedisSetup {
  private static final String NO_EVICTION = "noeviction";

  /** Jedis' default: a smaller pool was chosen, and its user should know the effect. */
  private static final int LEAST_CONNECTIONS = 8;

  private final UnifiedJedis jedis;
  private final JedisFailures failures;
  private final Consumer<Master> trial;
  private final Consumer<Master> trialOfClear;

  /**
   * Checks the servers of one client.
   *
   * @param trial sends a master the commands of a store; idempotent
   * @param trialOfClear sends a master the commands that only {@code clear} needs; idempotent
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
    List<Finding> findings = new ArrayList<>(JedisCheck.findings());
    findings.addAll(new ClientPools(jedis).check(LEAST_CONNECTIONS, "the store's callers"));
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

  /** Adds what the trial finds, unless the server was already found to be down. */
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

  /** Only a warning: a cache that is never cleared does not need these commands. */
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
              "it is '" + version + "', whose scripts may not write after reading the time",
              "use 6.2 or later"));
    }
    return major < 6 || (major == 6 && number(version, 1) < 2)
        ? List.of(
            Finding.warning(
                "Redis version",
                "it is '" + version + "', which is not tested",
                "use 6.2 or later"))
        : List.of();
  }

  /** A part of a version; a large number if there is none, so that the unknown is not reported. */
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

  /** A full server that evicts nothing refuses claims. */
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

  /** A slot that is restored from disk may be older than one that was served before. */
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
              "make sure that a restart does not restore old entries"));
    }
    boolean snapshots = !config.getOrDefault("save", "").isEmpty();
    boolean log = config.getOrDefault("appendonly", "no").equals("yes");
    boolean eachWrite = log && config.getOrDefault("appendfsync", "").equals("always");
    return (snapshots || log) && !eachWrite
        ? List.of(
            Finding.warning(
                "Redis persistence",
                "after a crash the server restores old entries, and readers can step back to them until"
                    + " they expire",
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
