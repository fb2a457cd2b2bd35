package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** Slots that have lost their time to live, by PERSIST or by a copy without it. */
class PersistedSlotsIT {
  private static final SlotKey KEY = new SlotKey("books", "978-3");
  private static final String REDIS_KEY = "tidemark:books:978-3";
  private static final Duration LONG = Duration.ofHours(1);
  private static final Lifetime KEPT = new Lifetime(LONG, Duration.ZERO);
  private static final EncodedRow ROW =
      new EncodedRow.Present(7, Payload.wrap("seven".getBytes(UTF_8)));

  private static RedisServer server;
  private static RedisClient client;
  private static RedisStore store;

  @BeforeAll
  static void start() {
    server = RedisServer.start();
    client = server.client();
    store = RedisStore.create(client);
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  @BeforeEach
  void empty() {
    client.flushAll();
  }

  @Test
  void claim_endedClaimThatStays_anyFenceMayClaim() {
    store.claim(KEY, Long.MAX_VALUE, ClaimMode.UNLESS_PRESENT, LONG, Duration.ZERO);
    givenItHasEndedAndStays();
    assertThat(store.read(KEY)).isEqualTo(new Slot.Empty());
    assertThat(store.renew(KEY, Long.MAX_VALUE, LONG)).isFalse();
    assertThat(store.fill(KEY, Long.MAX_VALUE, ROW, FloorRule.AT_OR_ABOVE, KEPT))
        .isEqualTo(FillAnswer.REFUSED);
    assertHealedByAClaim();
  }

  @Test
  void claim_endedFloorThatStays_none() {
    store.publish(KEY, LockHandle.NO_FENCE, ROW, KEPT, LONG);
    givenItHasEndedAndStays();
    assertThat(store.read(KEY)).isEqualTo(new Slot.Empty());
    assertHealedByAClaim();
  }

  @Test
  void claim_endedEntryThatStays_emptyForReadersAndScripts() {
    givenEntry(KEPT);
    givenItHasEndedAndStays();
    assertThat(store.read(KEY)).isEqualTo(new Slot.Empty());
    assertThat(store.refresh(KEY, ROW, KEPT, LONG)).isEqualTo(RefreshAnswer.REFUSED);
    assertHealedByAClaim();
  }

  @Test
  void publish_endedEntryThatStays_removed() {
    givenEntry(KEPT);
    givenItHasEndedAndStays();
    assertThat(store.publish(KEY, LockHandle.NO_FENCE, ROW, KEPT, Duration.ZERO))
        .isEqualTo(PublishAnswer.DROPPED);
    assertThat(client.exists(REDIS_KEY)).isFalse();
  }

  /** Its grace ends with its time to live, which is gone. */
  @Test
  void claim_entryWithGraceThatStays_emptyForReadersAndScripts() {
    givenEntry(new Lifetime(LONG, LONG));
    givenItHasEndedAndStays();
    assertThat(store.read(KEY)).isEqualTo(new Slot.Empty());
    assertThat(store.refresh(KEY, ROW, KEPT, LONG)).isEqualTo(RefreshAnswer.REFUSED);
    assertHealedByAClaim();
  }

  @Test
  void read_entryThatStaysAndHasNotEnded_served() {
    givenEntry(KEPT);
    client.persist(REDIS_KEY);
    assertThat(store.read(KEY).isHit()).isTrue();
  }

  private static void givenEntry(Lifetime lifetime) {
    store.claim(KEY, 1, ClaimMode.UNLESS_PRESENT, LONG, Duration.ZERO);
    store.fill(KEY, 1, ROW, FloorRule.AT_OR_ABOVE, lifetime);
  }

  /** Puts the ends into the past, so that no test has to be in time. */
  private static void givenItHasEndedAndStays() {
    String bytes = client.get(REDIS_KEY);
    client.set(
        REDIS_KEY,
        bytes
            .replaceFirst("^(?<state>T7.{8}[VvAa])[0-9]{13}", "${state}1000000000000")
            .replaceFirst("c[0-9]{13}e[0-9]{13}", "c1000000000000e1000000000000"));
    assertThat(client.get(REDIS_KEY)).isNotEqualTo(bytes);
  }

  private static void assertHealedByAClaim() {
    assertThat(store.claim(KEY, 1, ClaimMode.UNLESS_PRESENT, LONG, LONG))
        .isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
    assertThat(store.read(KEY).bare()).isEqualTo(new Slot.Pending(1, Version.NONE));
    assertThat(client.pttl(REDIS_KEY)).isBetween(1L, LONG.toMillis());
  }
}
