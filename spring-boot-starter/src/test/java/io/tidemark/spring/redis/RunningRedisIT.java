package io.tidemark.spring.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.servers.RedisBinary;
import io.tidemark.servers.RestartableServer;
import io.tidemark.spring.Contexts;
import io.tidemark.spring.Contexts.Product;
import io.tidemark.spring.Contexts.Products;
import io.tidemark.spring.SharedServers;
import io.tidemark.testkit.Certificate;
import io.tidemark.testkit.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.embedded.RedisSentinel;

/**
 * Clients from properties, of Tidemark or of Spring Boot, for servers that run: a cluster, one that
 * Sentinels know, and one with TLS. Each context starts with {@code check-on-start=fail}, so the
 * check passes on them, too.
 */
class RunningRedisIT {
  private static final String OWN = "tidemark.redis.";
  private static final String BOOTS = "spring.data.redis.";
  private static final int HASH_SLOTS = 16_384;
  private static final int KEYS = 40;

  /** How long a master may be silent on a slow machine before the other counts it as down. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private static Path folder;
  private static final List<RestartableServer> SERVERS = new ArrayList<>();
  private static List<RestartableServer> masters;
  private static RestartableServer watched;
  private static RedisSentinel sentinel;
  private static int tlsPort;
  private static Certificate certificate;

  @BeforeAll
  static void start() throws Exception {
    masters = List.of(started(clustered("a")), started(clustered("b")));
    joinMasters();
    watched = started();
    sentinel =
        RedisSentinel.newRedisSentinel()
            .executableProvider(RedisBinary.unpackInto(folder)::toFile)
            .bind("127.0.0.1")
            .port(FreePort.any())
            .masterName("shop")
            .masterPort(watched.port())
            .quorumSize(1)
            .build();
    sentinel.start();
    certificate = Certificate.of("ip:127.0.0.1", folder);
    tlsPort = FreePort.any();
    started(
        "tls-port " + tlsPort,
        "tls-cert-file " + certificate.file(),
        "tls-key-file " + certificate.key(),
        "tls-ca-cert-file " + certificate.file(),
        "requirepass secret");
  }

  @AfterAll
  static void stop() throws IOException {
    sentinel.stop();
    for (RestartableServer server : SERVERS) {
      server.stop();
    }
  }

  private static RestartableServer started(String... settings) {
    RestartableServer server =
        SharedServers.started(port -> RestartableServer.redis(port, settings));
    SERVERS.add(server);
    return server;
  }

  private static String[] clustered(String name) {
    return new String[] {
      "cluster-enabled yes",
      "cluster-config-file " + folder.resolve(name),
      "cluster-node-timeout " + PATIENCE.toMillis()
    };
  }

  private static void joinMasters() throws InterruptedException {
    for (int i = 0; i < 2; i++) {
      Stream<String> half =
          IntStream.range(HASH_SLOTS * i / 2, HASH_SLOTS * (i + 1) / 2).mapToObj(Integer::toString);
      cluster(masters.get(i), Stream.concat(Stream.of("ADDSLOTS"), half));
      cluster(masters.get(i), Stream.of("SET-CONFIG-EPOCH", Integer.toString(i + 1)));
    }
    String port = Integer.toString(masters.get(1).port());
    cluster(masters.get(0), Stream.of("MEET", "127.0.0.1", port));
    for (RestartableServer master : masters) {
      while (!isWhole(cluster(master, Stream.of("INFO")))) {
        Thread.sleep(20);
      }
    }
  }

  private static boolean isWhole(String info) {
    return info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:" + HASH_SLOTS);
  }

  private static String cluster(RestartableServer master, Stream<String> arguments) {
    return run(master, Command.CLUSTER, arguments.toArray(String[]::new));
  }

  private static String run(RestartableServer server, Command command, String... arguments) {
    try (RedisClient client = RedisClient.create("127.0.0.1", server.port())) {
      return new String(
          (byte[])
              client.executeCommand(new CommandArguments(command).addObjects((Object[]) arguments)),
          UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OWN, BOOTS})
  void cluster_ofTwoMasters_holdsTheEntriesOnBoth(String prefix) {
    shop(prefix)
        .withPropertyValues(
            prefix
                + "cluster.nodes=127.0.0.1:%d,127.0.0.1:%d"
                    .formatted(masters.get(0).port(), masters.get(1).port()))
        .run(
            context -> {
              assertThat(context).hasNotFailed().hasSingleBean(RedisClusterClient.class);
              VersionedCache<Long, Product> products = products(context);
              List<Long> keys = LongStream.range(0, KEYS).boxed().toList();
              products.getAll(keys);
              assertThat(masters).allSatisfy(master -> assertThat(size(master)).isPositive());

              assertWorks(products);
              products.getAll(keys);
              assertThat(products.stats().loads()).isEqualTo(KEYS);
              assertThat(products.clear()).isEqualTo(KEYS);
              assertThat(masters).allSatisfy(master -> assertThat(size(master)).isZero());
            });
  }

  private static long size(RestartableServer server) {
    try (RedisClient client = RedisClient.create("127.0.0.1", server.port())) {
      return client.dbSize();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OWN, BOOTS})
  void sentinel_asked_namesTheMaster(String prefix) {
    shop(prefix)
        .withPropertyValues(
            prefix + "sentinel.master=shop",
            prefix + "sentinel.nodes=127.0.0.1:" + sentinel.ports().get(0))
        .run(
            context -> {
              assertThat(context).hasNotFailed().hasSingleBean(RedisSentinelClient.class);
              assertWorks(products(context));
              assertThat(size(watched)).isPositive();
              products(context).clear();
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {OWN, BOOTS})
  void tls_withTheBundlesCertificates_isSpoken(String prefix) {
    withKey(tls(prefix, "127.0.0.1"))
        .run(
            context -> {
              assertThat(context).hasNotFailed().hasSingleBean(RedisClient.class);
              assertWorks(products(context));
              products(context).clear();
            });
  }

  /** The server asks for a certificate of the client. */
  @ParameterizedTest
  @ValueSource(strings = {OWN, BOOTS})
  void tls_withoutACertificateOfTheClient_isRefusedByTheServer(String prefix) {
    tls(prefix, "127.0.0.1")
        .run(
            context ->
                assertThat(Contexts.analysis(context.getStartupFailure()).getDescription())
                    .contains("the store RedisStore", "does not answer"));
  }

  @ParameterizedTest
  @ValueSource(strings = {OWN, BOOTS})
  void tls_certificateOfAnotherName_isRefused(String prefix) {
    withKey(tls(prefix, "localhost"))
        .run(
            context ->
                assertThat(Contexts.analysis(context.getStartupFailure()).getDescription())
                    .contains("the store RedisStore", "No name matching localhost found"));
  }

  private static ApplicationContextRunner withKey(ApplicationContextRunner runner) {
    return runner.withPropertyValues(
        "spring.ssl.bundle.pem.redis.keystore.certificate=file:" + certificate.file(),
        "spring.ssl.bundle.pem.redis.keystore.private-key=file:" + certificate.key());
  }

  private static ApplicationContextRunner tls(String prefix, String host) {
    return shop(prefix)
        .withPropertyValues(
            "spring.ssl.bundle.pem.redis.truststore.certificate=file:" + certificate.file(),
            prefix + "ssl.bundle=redis",
            prefix + "host=" + host,
            prefix + "port=" + tlsPort,
            prefix + "password=secret");
  }

  @Test
  void check_serverThatCannotCache_refusesTheStartOrIsLogged() {
    run(watched, Command.CONFIG, "SET", "maxmemory-policy", "noeviction");
    run(watched, Command.CONFIG, "SET", "maxmemory", "1");
    try {
      one("fail")
          .run(
              context ->
                  assertThat(Contexts.analysis(context.getStartupFailure()).getDescription())
                      .contains("tidemark.check-on-start=fail", "products", "nothing can be cached")
                      .doesNotContain("does not answer"));
      assertLogs("nothing can be cached", one("warn"));
      one("off").run(context -> assertThat(context).hasNotFailed());
    } finally {
      run(watched, Command.CONFIG, "SET", "maxmemory", "0");
    }
  }

  @Test
  void check_setUpThatCostsSomething_isLoggedAndStarts() {
    run(watched, Command.CONFIG, "SET", "maxmemory-policy", "volatile-ttl");
    run(watched, Command.CONFIG, "SET", "maxmemory", "100mb");
    try {
      assertLogs("evicts claims first", one("fail"));
      assertLogs("evicts claims first", one("warn"));
    } finally {
      run(watched, Command.CONFIG, "SET", "maxmemory", "0");
      run(watched, Command.CONFIG, "SET", "maxmemory-policy", "noeviction");
    }
  }

  private static ApplicationContextRunner one(String check) {
    return Contexts.bare()
        .withUserConfiguration(Products.class)
        .withPropertyValues(SharedServers.PATIENCE.toArray(String[]::new))
        .withPropertyValues(
            "tidemark.locks=redis",
            "tidemark.redis.host=127.0.0.1",
            "tidemark.redis.port=" + watched.port(),
            "tidemark.check-on-start=" + check);
  }

  private static void assertLogs(String words, ApplicationContextRunner application) {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger("io.tidemark");
    logger.addAppender(log);
    log.start();
    try {
      application.run(context -> assertThat(context).hasNotFailed());
    } finally {
      logger.detachAppender(log);
    }
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .anySatisfy(line -> assertThat(line).contains("products").contains(words));
  }

  private static ApplicationContextRunner shop(String prefix) {
    ApplicationContextRunner runner =
        prefix.equals(BOOTS) ? Contexts.withSpringData() : Contexts.bare();
    return runner
        .withUserConfiguration(Products.class)
        .withPropertyValues(SharedServers.PATIENCE.toArray(String[]::new))
        .withPropertyValues("tidemark.locks=redis", "tidemark.check-on-start=fail");
  }

  @SuppressWarnings("unchecked")
  private static VersionedCache<Long, Product> products(AssertableApplicationContext context) {
    assertThat(context).hasSingleBean(UnifiedJedis.class);
    return context.getBean(VersionedCache.class);
  }

  private static void assertWorks(VersionedCache<Long, Product> products) {
    assertThat(products.get(1L)).hasValue(new Product(1, "Laptop"));
    Product renamed = new Product(1, "Pro");
    assertThat(products.update(1L, () -> Row.present(renamed, 2)).outcome())
        .isEqualTo(WriteOutcome.STORED);
    assertThat(products.get(1L)).hasValue(renamed);
    assertThat(products.publish(1L, Row.present(new Product(1, "old"), 1)))
        .isEqualTo(WriteOutcome.SUPERSEDED);
    assertThat(products.get(1L)).hasValue(renamed);
  }
}
