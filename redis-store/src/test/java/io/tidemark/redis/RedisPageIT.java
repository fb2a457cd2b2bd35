package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.ClaimRule;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.json.JsonCodec;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.LockProviderContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;

/** The code in docs/redis.md is the same as here, and works. */
class RedisPageIT {
  private static final Path PAGE = Path.of("..", "docs", "redis.md");
  private static final Path THIS =
      Path.of("src", "test", "java", "io", "tidemark", "redis", "RedisPageIT.java");

  @Test
  void code_ofThePage_isTheCodeBelow() throws Exception {
    String test = unindented(Files.readString(THIS, UTF_8));

    assertThat(blocks("java\n"))
        .hasSize(2)
        .allSatisfy(code -> assertThat(test).contains(unindented(code)));
  }

  @Test
  void client_ofThePage_withItsUser_doesAllThatACacheNeeds() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisClient admin = server.client()) {
      for (String block : List.of("Slots", "clear", "check", "RedisLocks")) {
        RightsPage.grant(server, block);
      }

      use("127.0.0.1", server.port(), "secret", Duration.ofMinutes(10), admin);

      assertThat(admin.keys("*")).isEmpty();
    }
  }

  private static void use(
      String host, int port, String password, Duration deadline, RedisClient admin)
      throws Exception {
    Duration limit = deadline.dividedBy(10);
    int limitMillis = Math.toIntExact(limit.toMillis());
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(64);
    pool.setMaxIdle(64);
    pool.setMaxWait(limit);
    RedisClient jedis =
        RedisClient.builder()
            .hostAndPort(host, port)
            .clientConfig(
                DefaultJedisClientConfig.builder()
                    .user("tidemark")
                    .password(password)
                    .connectionTimeoutMillis(limitMillis)
                    .socketTimeoutMillis(limitMillis)
                    .build())
            .poolConfig(pool)
            .build();
    RedisLocks locks = RedisLocks.create(jedis);
    VersionedCache<String, String> products =
        VersionedCache.<String, String>builder("products")
            .source(key -> Row.present("laptop", 1))
            .store(RedisStore.create(jedis))
            .locks(locks)
            .codec(JsonCodec.of(String.class))
            .deadline(deadline)
            .build();

    assertThat(products.check()).isEmpty();
    assertThat(products.get("1")).hasValue("laptop");
    assertThat(products.update("1", ClaimRule.REQUIRED, () -> Row.present("pro", 2)).outcome())
        .isEqualTo(WriteOutcome.STORED);
    assertThat(products.publish("1", Row.present("max", 3))).isEqualTo(WriteOutcome.STORED);
    assertThat(products.refresh("1").value()).hasValue("laptop");
    assertThat(products.invalidate("1")).isEqualTo(WriteOutcome.DROPPED);
    products.get("2");
    assertThat(products.clear()).isPositive();
    waitForALock(locks, admin);

    products.close();
    locks.close();
    jedis.close();
  }

  private static void waitForALock(RedisLocks locks, RedisClient admin) throws Exception {
    SlotKey key = new SlotKey("products", "1");
    try (RedisLocks others = RedisLocks.create(admin)) {
      LockHandle handle = LockProviderContract.acquireOnceFree(others, key);
      Held held = (Held) locks.tryAcquire(key, LockProviderContract.patience());
      handle.close();
      assertThat(held.holder().awaitGone(LockProviderContract.patience())).isTrue();
      LockProviderContract.acquireOnceFree(locks, key).close();
      Awaiting.await().until(() -> !admin.exists("tidemark-lock:products:1"));
    }
  }

  /** Returns the code block that begins like this. */
  private static List<String> blocks(String beginning) throws IOException {
    return Pattern.compile("```" + beginning + ".*?```", Pattern.DOTALL)
        .matcher(Files.readString(PAGE, UTF_8))
        .results()
        .map(MatchResult::group)
        .map(block -> block.replace("```java\n", "").replace("```", ""))
        .toList();
  }

  private static String unindented(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
