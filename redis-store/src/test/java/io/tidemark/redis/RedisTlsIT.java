package io.tidemark.redis;

import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.Finding.Severity;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Slot;
import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.Certificate;
import io.tidemark.testkit.FreePort;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.util.SafeEncoder;

/** A server that speaks TLS, asks for a password, and asks clients for a certificate. */
final class RedisTlsIT {
  private static final Path PAGE = Path.of("..", "docs", "rights.md");
  private static final Path THIS =
      Path.of("src", "test", "java", "io", "tidemark", "redis", "RedisTlsIT.java");

  @TempDir private static Path folder;

  private static Certificate ofServer;
  private static Certificate ofClient;
  private static Certificate ofStranger;
  private static int tlsPort;
  private static RedisServer server;

  @BeforeAll
  static void start() throws Exception {
    ofServer = Certificate.of("ip:127.0.0.1", folder.resolve("server"));
    ofClient = Certificate.of("dns:client", folder.resolve("client"));
    ofStranger = Certificate.of("ip:127.0.0.1", folder.resolve("stranger"));
    tlsPort = FreePort.any();
    server =
        RedisServer.startWithOptions(
            "--tls-port",
            Integer.toString(tlsPort),
            "--tls-cert-file",
            ofServer.file().toString(),
            "--tls-key-file",
            ofServer.key().toString(),
            "--tls-ca-cert-file",
            ofClient.file().toString(),
            "--requirepass",
            "secret");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void client_ofThePage_usesSlotsAndLocks() throws Exception {
    String test = unindented(Files.readString(THIS, StandardCharsets.UTF_8));
    String page = Files.readString(PAGE, StandardCharsets.UTF_8);
    int begin = page.indexOf("```java\nSslOptions") + "```java\n".length();
    assertThat(test).contains(unindented(page.substring(begin, page.indexOf("```", begin))));

    try (RedisClient client = client("127.0.0.1", ofClient, ofServer);
        RedisLocks locks = RedisLocks.create(client)) {
      RedisStore store = RedisStore.create(client);
      assertThat(store.check()).isEmpty();
      assertThat(locks.check("products")).isEmpty();
      Verbs.claim(store);
      Verbs.fill(store);
      assertThat(store.read(Verbs.KEY)).isInstanceOf(Slot.Value.class);
      try (LockHandle handle = acquireOnceFree(locks, Verbs.KEY)) {
        assertThat(handle.fence()).isPositive();
        Held held = (Held) locks.tryAcquire(Verbs.KEY, patience());
        assertThat(held.holder().awaitGone(Deadline.after(Duration.ofMillis(1)))).isFalse();
        Awaiting.await().until(() -> client.publish(ScriptedLocks.CHANNEL, "") == 1);
      }
    }
  }

  /** Jedis 8 asks for it by itself. */
  @Test
  void client_whichAsksForNoProtocol_speaksResp3() {
    CommandObject<Object> hello =
        new CommandObject<>(new CommandArguments(Command.HELLO), BuilderFactory.RAW_OBJECT);
    try (RedisClient client = client("127.0.0.1", ofClient, ofServer)) {
      assertThat(SafeEncoder.encodeObject(client.executeCommand(hello)).toString())
          .contains("proto=3");
    }
  }

  @Test
  void check_certificateOfAnotherName_isAnErrorThatSaysSo() {
    assertNoTls("localhost", ofServer, "No name matching localhost found");
  }

  @Test
  void check_certificateThatIsNotTrusted_isAnErrorThatSaysSo() {
    assertNoTls("127.0.0.1", ofStranger, "unable to find valid certification path");
  }

  /** The server closes the connection, which a client cannot tell from one that broke. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void check_clientWithoutACertificateThatTheServerTrusts_isAFinding(boolean hasOne) {
    try (RedisClient client = client("127.0.0.1", hasOne ? ofStranger : null, ofServer)) {
      assertThat(RedisStore.create(client).check())
          .extracting(Finding::subject)
          .containsExactly("Redis");
    }
  }

  private static void assertNoTls(String host, Certificate trusted, String words) {
    try (RedisClient client = client(host, ofClient, trusted);
        RedisLocks locks = RedisLocks.create(client)) {
      for (List<Finding> findings :
          List.of(RedisStore.create(client).check(), locks.check("products"))) {
        assertThat(findings)
            .singleElement()
            .satisfies(
                finding -> {
                  assertThat(finding.severity()).isEqualTo(Severity.ERROR);
                  assertThat(finding.problem())
                      .startsWith("no TLS connection can be made: ")
                      .contains(words);
                });
      }
    }
  }

  private static RedisClient client(String host, @Nullable Certificate own, Certificate trusted) {
    File trustStore = trusted.trustStore().toFile();
    char[] password = Certificate.PASSWORD.toCharArray();
    if (own == null) {
      return built(host, SslOptions.builder().truststore(trustStore, password).build());
    }
    File keyStore = own.keyStore().toFile();
    SslOptions tls =
        SslOptions.builder().keystore(keyStore, password).truststore(trustStore, password).build();
    return built(host, tls);
  }

  private static RedisClient built(String host, SslOptions tls) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(LockRequests.THREADS + 1);
    pool.setMaxWait(Awaiting.LIMIT);
    return RedisClient.builder()
        .hostAndPort(new HostAndPort(host, tlsPort))
        .clientConfig(DefaultJedisClientConfig.builder().sslOptions(tls).password("secret").build())
        .poolConfig(pool)
        .build();
  }

  private static String unindented(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
