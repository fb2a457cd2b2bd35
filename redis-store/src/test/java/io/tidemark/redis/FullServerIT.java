package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.RefusedException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;

/** A full Redis that evicts nothing: it refuses SET, and old entries must go all the same. */
class FullServerIT {
  private static final SlotKey KEY = new SlotKey("books", "978-3");
  private static final Duration LIFE = Duration.ofHours(1);
  private static final Lifetime KEPT = new Lifetime(LIFE, Duration.ZERO);

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

  @AfterEach
  void makeRoom() {
    server.run(Protocol.Command.CONFIG, "SET", "maxmemory", "0");
  }

  @Test
  void drop_value_removed() {
    givenValueAndNoRoom();
    store.drop(KEY, Version.NONE, Duration.ZERO);
    assertThat(store.read(KEY)).isEqualTo(new Slot.Empty());
  }

  @Test
  void drop_valueThatOwesAFloor_replacedByTheFloor() {
    givenValueAndNoRoom();
    store.drop(KEY, Version.NONE, LIFE);
    assertThat(store.read(KEY).bare()).isEqualTo(new Slot.Pending(LockHandle.NO_FENCE, 7));
  }

  @Test
  void publish_newer_oldValueRemoved() {
    givenValueAndNoRoom();
    assertThat(store.publish(KEY, LockHandle.NO_FENCE, row(8), KEPT, Duration.ZERO))
        .isEqualTo(PublishAnswer.DROPPED);
    assertThat(store.read(KEY)).isEqualTo(new Slot.Empty());
  }

  @Test
  void publish_newerThatOwesAFloor_replacedByTheFloor() {
    givenValueAndNoRoom();
    assertThat(store.publish(KEY, LockHandle.NO_FENCE, row(8), KEPT, LIFE))
        .isEqualTo(PublishAnswer.DROPPED);
    assertThat(store.read(KEY).bare()).isEqualTo(new Slot.Pending(LockHandle.NO_FENCE, 8));
  }

  @Test
  void publish_underItsOwnClaim_claimRemoved() {
    store.claim(KEY, 5, ClaimMode.ALWAYS, LIFE, Duration.ZERO);
    givenNoRoom();
    assertThat(store.publish(KEY, 5, row(8), KEPT, Duration.ZERO)).isEqualTo(PublishAnswer.DROPPED);
    assertThat(store.read(KEY)).isEqualTo(new Slot.Empty());
  }

  @Test
  void claimAlways_value_hidden() {
    givenValueAndNoRoom();
    assertThat(store.claim(KEY, 5, ClaimMode.ALWAYS, LIFE, Duration.ZERO))
        .isEqualTo(new ClaimAnswer.Claimed(7));
  }

  @Test
  void claim_expiredValue_answeredAsReservedAndKept() {
    givenExpiredValue();
    givenNoRoom();
    assertThat(store.claim(KEY, -5, ClaimMode.IF_FREE, LIFE, Duration.ZERO))
        .isEqualTo(new ClaimAnswer.Reserved(7));
    assertThat(store.read(KEY)).isInstanceOf(Slot.Value.class);
    assertThat(store.read(KEY).claim()).isNull();
  }

  @Test
  void renewAndAbandon_reservedValue_refusedAndKept() {
    givenExpiredValue();
    assertThat(store.claim(KEY, -5, ClaimMode.IF_FREE, LIFE, LIFE))
        .isEqualTo(new ClaimAnswer.Reserved(7));
    givenNoRoom();
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> store.renew(KEY, -5, LIFE))
        .withMessageContaining("OOM");
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> store.abandon(KEY, -5))
        .withMessageContaining("OOM");
    assertThat(store.read(KEY).claim()).isNotNull();
  }

  /** There is no old entry to replace. */
  @Test
  void verbs_emptySlot_refused() {
    givenNoRoom();
    assertThatExceptionOfType(UnavailableException.class)
        .isThrownBy(() -> store.claim(KEY, 5, ClaimMode.UNLESS_PRESENT, LIFE, LIFE))
        .withMessageContaining("OOM");
    assertThatExceptionOfType(UnavailableException.class)
        .isThrownBy(() -> store.publish(KEY, LockHandle.NO_FENCE, row(8), KEPT, LIFE))
        .withMessageContaining("OOM");
    assertThat(store.publish(KEY, LockHandle.NO_FENCE, row(8), KEPT, Duration.ZERO))
        .isEqualTo(PublishAnswer.DROPPED);
    assertThat(store.read(KEY)).isEqualTo(new Slot.Empty());
  }

  @Test
  void fill_ownClaim_refusedAndUnchanged() {
    store.claim(KEY, 5, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    givenNoRoom();
    assertThatExceptionOfType(UnavailableException.class)
        .isThrownBy(() -> store.fill(KEY, 5, row(8), FloorRule.AT_OR_ABOVE, KEPT))
        .withMessageContaining("OOM");
    assertThat(store.read(KEY)).isInstanceOf(Slot.Pending.class);
  }

  private static void givenValueAndNoRoom() {
    store.claim(KEY, 1, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    store.fill(KEY, 1, row(7), FloorRule.AT_OR_ABOVE, KEPT);
    givenNoRoom();
  }

  private static void givenExpiredValue() {
    store.claim(KEY, 1, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    store.fill(KEY, 1, row(7), FloorRule.AT_OR_ABOVE, new Lifetime(Duration.ofMillis(1), LIFE));
    Awaiting.await().until(() -> !store.read(KEY).isHit());
  }

  private static void givenNoRoom() {
    server.run(Protocol.Command.CONFIG, "SET", "maxmemory-policy", "noeviction");
    server.run(Protocol.Command.CONFIG, "SET", "maxmemory", "1");
  }

  private static EncodedRow row(long version) {
    return new EncodedRow.Present(version, Payload.wrap("a row".getBytes(UTF_8)));
  }
}
