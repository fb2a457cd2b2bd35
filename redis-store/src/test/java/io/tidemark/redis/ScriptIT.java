package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;

/** Scripts on a server that knows them, and on one that no longer does. */
class ScriptIT {
  private static final SlotKey KEY = new SlotKey("scripts", "key");
  private static final Duration LIFE = Duration.ofHours(1);
  private static final Lifetime LIFETIME = new Lifetime(LIFE, Duration.ZERO);

  private RedisServer server;
  private RedisClient client;
  private RedisStore store;

  @BeforeEach
  void start() {
    server = RedisServer.start();
    client = server.client();
    store = RedisStore.create(client);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void verbs_scriptsFlushedBeforeEach_carriedOut() {
    client.scriptFlush();
    assertThat(store.claim(KEY, 1, ClaimMode.UNLESS_PRESENT, LIFE, LIFE))
        .isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
    client.scriptFlush();
    assertThat(store.renew(KEY, 1, LIFE)).isTrue();
    client.scriptFlush();
    assertThat(store.fill(KEY, 1, row(7), FloorRule.AT_OR_ABOVE, LIFETIME))
        .isEqualTo(FillAnswer.STORED);
    client.scriptFlush();
    assertThat(store.refresh(KEY, row(8), LIFETIME, LIFE)).isEqualTo(RefreshAnswer.STORED);
    client.scriptFlush();
    assertThat(store.publish(KEY, LockHandle.NO_FENCE, row(9), LIFETIME, LIFE))
        .isEqualTo(PublishAnswer.STORED);
    client.scriptFlush();
    store.abandon(KEY, 1);
  }

  @Test
  void verbs_known_runByHash() {
    store.claim(KEY, 1, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    server.run(Protocol.Command.CONFIG, "RESETSTAT");
    store.claim(KEY, 2, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    assertThat(client.info("commandstats"))
        .contains("cmdstat_evalsha:calls=1")
        .doesNotContain("cmdstat_eval:");
  }

  @Test
  void verbs_serverRestarted_carriedOut() {
    store.claim(KEY, 1, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    server.restart();
    // The pooled connection is broken, and its next command would fail.
    client.getPool().clear();
    assertThat(store.fill(KEY, 1, row(7), FloorRule.AT_OR_ABOVE, LIFETIME))
        .isEqualTo(FillAnswer.REFUSED);
    assertThat(store.claim(KEY, 2, ClaimMode.UNLESS_PRESENT, LIFE, LIFE))
        .isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
  }

  private static EncodedRow row(long version) {
    return new EncodedRow.Present(version, Payload.wrap(new byte[] {1}));
  }
}
