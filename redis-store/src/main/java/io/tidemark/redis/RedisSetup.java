package io.tidemark.redis;

import io.tidemark.spi.Finding;
import io.tidemark.spi.Finding.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Checks the set-up of Redis, the rights of its user, and its client's pool. Each master gets one
 * INFO, two CONFIG GET, and every command of a store, on a slot of its own. In a cluster every
 * finding names its server. Thread-safe.
 */
final class RedisSetup {
  private static final String SUBJECT = "Redis";
  private static final String NO_EVICTION = "noeviction";

  /** Jedis' default: a smaller pool was chosen, and its user should know the effect. */
  private static final int LEAST_CONNECTIONS = 8;

  private final UnifiedJedis jedis;
  private final JedisFailures failures;
  private final Failover failover;
  private final Function<Master, byte[]> keys;
  private final Consumer<Master> trial;

  /**
   * Checks the servers of one client.
   *
   * @param keys finds a key on a master that nothing else uses
   * @param trial sends scripts to a master, on the same key; idempotent
   */
  RedisSetup(
      UnifiedJedis jedis,
      JedisFailures failures,
      Failover failover,
      Function<Master, byte[]> keys,
      Consumer<Master> trial) {
    this.jedis = jedis;
    this.failures = failures;
    this.failover = failover;
    this.keys = keys;
    this.trial = trial;
  }

  List<Finding> check() {
    List<Finding> findings = new ArrayList<>(JedisCheck.findings());
    findings.addAll(new ClientPools(jedis).check(LEAST_CONNECTIONS, "the store's callers"));
    try {
      for (Master master : Master.of(jedis)) {
        check(master).forEach(finding -> findings.add(master.named(finding)));
      }
    } catch (JedisException e) {
      findings.add(failures.finding(SUBJECT, e));
    }
    return List.copyOf(findings);
  }

  private List<Finding> check(Master master) {
    List<Finding> findings = new ArrayList<>();
    try {
      findings.addAll(checkServer(master));
      boolean isFoundWanting =
          findings.stream().anyMatch(finding -> finding.severity() == Severity.ERROR);
      if (!isFoundWanting) {
        findings.addAll(checkUser(master));
      }
    } catch (JedisException e) {
      findings.add(failures.finding(SUBJECT, e));
    }
    return findings;
  }

  private List<Finding> checkServer(Master master) {
    List<Finding> findings = new ArrayList<>();
    try {
      Map<String, String> info = info(master);
      findings.addAll(checkVersion(info.getOrDefault("redis_version", "")));
      findings.addAll(checkRole(info.getOrDefault("role", "")));
      findings.addAll(
          checkEviction(
              info.getOrDefault("maxmemory", "0"), info.getOrDefault("maxmemory_policy", "")));
      findings.addAll(checkMemory(info));
      findings.addAll(checkReplicas(info));
    } catch (JedisDataException e) {
      findings.add(unseen(e));
    }
    if (failover == Failover.KEEP) {
      findings.addAll(checkPersistence(master));
    }
    return findings;
  }

  /** Other refusals of INFO, such as for want of a password, concern all commands. */
  private static Finding unseen(JedisDataException refusal) {
    if (!Refusal.isOfRights(JedisFailures.words(refusal))) {
      throw refusal;
    }
    return Finding.warning(
        "Redis rights",
        "its user lacks +info: version, role, memory, eviction and replicas were not checked",
        "let an administrator run: ACL SETUSER <user> +info");
  }

  /** Tries what a store needs, and then two of its scripts. */
  private List<Finding> checkUser(Master master) {
    byte[] key = keys.apply(master);
    Rights rights = isOfCluster() ? Rights.STORE_ON_CLUSTER : Rights.STORE;
    Set<String> lacking =
        (failover == Failover.KEEP ? rights.withoutLineages() : rights).lacking(master, key);
    if (!lacking.isEmpty()) {
      return List.of(lacking(SUBJECT, lacking));
    }
    trial.accept(master);
    List<Finding> findings = new ArrayList<>(checkClear(master, key));
    findings.addAll(checkPing(master));
    return findings;
  }

  /** Only a warning: idle connections are made anew, and waiters for a lock poll. */
  static List<Finding> checkPing(Master master) {
    return Rights.PING.lacking(master, new byte[0]).isEmpty()
        ? List.of()
        : List.of(
            Finding.warning(
                "Redis ping",
                "its user lacks +ping: Jedis closes idle connections, which it cannot test, and"
                    + " messages about released locks are not received",
                "let an administrator run: ACL SETUSER <user> +ping"));
  }

  /** Reports rights that are needed. */
  static Finding lacking(String subject, Set<String> rights) {
    String list = String.join(" ", rights);
    return Finding.error(
        subject,
        "its user lacks rights that are needed: " + list,
        "let an administrator run: ACL SETUSER <user> " + list);
  }

  private boolean isOfCluster() {
    return jedis instanceof RedisClusterClient;
  }

  /** Only a warning: a cache that is never cleared does not need these commands. */
  private List<Finding> checkClear(Master master, byte[] key) {
    String problem;
    String advice;
    try {
      Rights rights = isOfCluster() ? Rights.CLEAR_ON_CLUSTER : Rights.CLEAR;
      Set<String> lacking = rights.lacking(master, key);
      if (lacking.isEmpty()) {
        return List.of();
      }
      String list = String.join(" ", lacking);
      problem = "its user lacks " + list;
      advice = "let an administrator run: ACL SETUSER <user> " + list;
    } catch (JedisDataException e) {
      problem = JedisFailures.words(e);
      advice = Refusal.of(problem).advice();
    }
    return List.of(
        Finding.warning(
            "Redis clear",
            "clear() will fail: " + problem,
            advice + ", if caches are to be cleared"));
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

  static List<Finding> checkEviction(String maxMemory, String policy) {
    String effect =
        switch (policy) {
          case "volatile-ttl" -> "evicts claims first: under pressure no load is cached";
          case "allkeys-lrm", "volatile-lrm" ->
              "evicts what was not written for long, however often it is read";
          default -> "";
        };
    return effect.isEmpty() || maxMemory.equals("0")
        ? List.of()
        : List.of(
            Finding.warning(
                "Redis maxmemory-policy",
                "it is '%s', which %s".formatted(policy, effect),
                "set it to 'allkeys-lru', or to 'noeviction'"));
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

  /** INFO has the number of good replicas only where both options of min-replicas are set. */
  static List<Finding> checkReplicas(Map<String, String> info) {
    String replicas = info.getOrDefault("connected_slaves", "0");
    return replicas.equals("0") || info.containsKey("min_slaves_good_slaves")
        ? List.of()
        : List.of(
            Finding.warning(
                "Redis min-replicas-to-write",
                "it is 0 with %s connected replicas: a master that is cut off from them accepts"
                        .formatted(replicas)
                    + " writes that a failover loses",
                "set it to 1, and min-replicas-max-lag to a few seconds"));
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
      return List.of(untold(JedisFailures.words(e)));
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

  private static Finding untold(String words) {
    boolean isOfRights = Refusal.isOfRights(words);
    String advice = "make sure that a restart does not restore old entries";
    return Finding.warning(
        "Redis persistence",
        isOfRights
            ? "its user lacks +config|get: it was not checked"
            : "the server does not tell: " + words,
        isOfRights
            ? "let an administrator run: ACL SETUSER <user> +config|get; or " + advice
            : advice);
  }

  private static Map<String, String> config(Master master, String options) {
    return master.ask(
        new CommandObject<>(
            new CommandArguments(Protocol.Command.CONFIG).add("GET").add(options),
            BuilderFactory.STRING_MAP));
  }
}
