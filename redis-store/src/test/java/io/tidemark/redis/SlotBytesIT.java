package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.RedisClient;

/** The bytes in Redis: what the scripts write, and how they treat other bytes. */
class SlotBytesIT {
  private static final SlotKey KEY = new SlotKey("books", "978-3");
  private static final String REDIS_KEY = "tidemark:books:978-3";
  private static final Duration LIFE = Duration.ofHours(1);
  private static final Lifetime LIFETIME = new Lifetime(LIFE, Duration.ZERO);
  private static final EncodedRow ROW =
      new EncodedRow.Present(
          7,
          Payload.wrap("{\"title\":\"Tides\"}".getBytes(UTF_8)),
          Duration.of(1_234_567, ChronoUnit.MICROS));
  private static final int HEADER_LENGTH = 64;
  private static final int HEADER_WITH_LOAD_TIME_LENGTH = 68;

  /** The rest of the header of an entry that is kept and not reserved. */
  private static final String AFTER_EXPIRY =
      "10000000000000000007t1790000000bx       "
          + "f00000000000000000000c0000000000000t1790000000bx       ";

  private static RedisServer server;
  private static RedisClient client;
  private static RedisStore store;

  /** How every slot begins that this server wrote. */
  private static String head;

  @BeforeAll
  static void start() {
    server = RedisServer.start();
    client = server.client();
    store = RedisStore.create(client, "4711@n-1");
    head = "T7" + server.lineage();
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
  void claim_empty_claimInPlainText() {
    store.claim(KEY, 42, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    String bytes = client.get(REDIS_KEY);
    assertThat(bytes)
        .hasSize(100)
        .matches(
            head + "P10000000000000000042l00000000000000000000c[0-9]{13}e0{13}t[0-9]{10}b4711@n-1");
    long end = Long.parseLong(bytes.substring(53, 66));
    long written = Long.parseLong(bytes.substring(81, 91));
    assertThat(end - written * 1_000).isBetween(LIFE.toMillis(), LIFE.toMillis() + 999);
    assertThat(client.pttl(REDIS_KEY)).isBetween(1L, LIFE.toMillis());
  }

  @Test
  void claim_byBallot_claimInPlainText() {
    store.claim(KEY, -42, ClaimMode.IF_FREE, LIFE, LIFE);
    assertThat(client.get(REDIS_KEY)).startsWith(head + "P00000000000000000042l");
  }

  @Test
  void claim_expiredValue_reservationInPlainText() {
    givenExpired("v", "row");
    store.claim(KEY, -42, ClaimMode.IF_FREE, LIFE, LIFE);
    String bytes = client.get(REDIS_KEY);
    assertThat(bytes)
        .matches(
            head
                + "v0{12}1"
                + "10000000000000000007t1790000000bx {7}"
                + "f00000000000000000042c[0-9]{13}t[0-9]{10}b4711@n-1row");
    long end = Long.parseLong(bytes.substring(86, 99));
    long made = Long.parseLong(bytes.substring(100, 110));
    assertThat(end - made * 1_000).isBetween(LIFE.toMillis(), LIFE.toMillis() + 999);
    assertThat(client.pttl(REDIS_KEY)).isBetween(1L, LIFE.toMillis());
    store.abandon(KEY, -42);
    assertThat(client.get(REDIS_KEY))
        .contains("bx       f" + "0".repeat(20) + "c0")
        .endsWith("row");
  }

  @Test
  void claim_expiredValueWithLoadTime_reservedBehindItsHeader() {
    String entry = head + "v" + "0".repeat(12) + "1" + AFTER_EXPIRY.replaceFirst("b", "d125b");
    client.set(REDIS_KEY, entry + "row");
    client.pexpire(REDIS_KEY, LIFE.toMillis());
    store.claim(KEY, 42, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    assertThat(client.get(REDIS_KEY))
        .matches(
            head + "v0{12}110{18}7t1790000000d125bx {7}f10{17}42c[0-9]{13}t[0-9]{10}b4711@n-1row");
    assertThat(store.renew(KEY, 42, LIFE)).isTrue();
    store.abandon(KEY, 42);
    assertThat(client.get(REDIS_KEY))
        .contains("d125bx       f" + "0".repeat(20) + "c0")
        .endsWith("row");
  }

  @Test
  void claim_expiredAbsence_reservationInPlainText() {
    givenExpired("a", "");
    store.claim(KEY, 42, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    assertThat(client.get(REDIS_KEY)).startsWith(head + "a0").hasSize(119).contains("f1000");
  }

  private static void givenExpired(String state, String payload) {
    client.set(REDIS_KEY, head + state + "0".repeat(12) + "1" + AFTER_EXPIRY + payload);
    client.pexpire(REDIS_KEY, LIFE.toMillis());
  }

  @Test
  void publish_empty_floorInPlainText() {
    store.publish(KEY, LockHandle.NO_FENCE, ROW, LIFETIME, LIFE);
    assertThat(client.get(REDIS_KEY))
        .matches(
            head + "P00000000000000000000l10000000000000000007c0{13}e[0-9]{13}t[0-9]{10}b4711@n-1");
    assertThat(client.pttl(REDIS_KEY)).isBetween(1L, LIFE.toMillis());
  }

  @Test
  void claim_overAnEntry_livesAsLongAsTheLongerOfBoth() {
    client.set(REDIS_KEY, head + "v" + "9".repeat(13) + AFTER_EXPIRY);
    client.pexpire(REDIS_KEY, LIFE.toMillis());
    store.claim(KEY, 42, ClaimMode.ALWAYS, LIFE, LIFE.multipliedBy(2));
    assertThat(client.pttl(REDIS_KEY)).isBetween(LIFE.toMillis() + 1, 2 * LIFE.toMillis());
  }

  @Test
  void fill_present_valueInPlainText() {
    store.claim(KEY, 42, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    store.fill(KEY, 42, ROW, FloorRule.AT_OR_ABOVE, LIFETIME);
    assertThat(client.get(REDIS_KEY))
        .matches(
            head
                + "V[0-9]{13}10000000000000000007t[0-9]{10}d135b4711@n-1"
                + "\\{\"title\":\"Tides\"}");
    assertThat(client.pttl(REDIS_KEY)).isBetween(1L, LIFE.toMillis());
  }

  @Test
  void fill_absent_absenceInPlainText() {
    store.claim(KEY, 42, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    store.fill(KEY, 42, new EncodedRow.Absent(7), FloorRule.AT_OR_ABOVE, LIFETIME);
    assertThat(client.get(REDIS_KEY))
        .hasSize(HEADER_LENGTH)
        .matches(head + "A[0-9]{13}10000000000000000007t[0-9]{10}b4711@n-1");
  }

  @Test
  void fill_withGrace_expiryByServersClock() {
    Lifetime withGrace = new Lifetime(LIFE, LIFE);
    store.claim(KEY, 42, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    store.fill(KEY, 42, ROW, FloorRule.AT_OR_ABOVE, withGrace);
    String header = client.get(REDIS_KEY).substring(0, HEADER_WITH_LOAD_TIME_LENGTH);
    assertThat(header).matches(head + "v[0-9]{13}10{18}7t[0-9]{10}d135b4711@n-1");
    long expiry = Long.parseLong(header.substring(11, 24));
    long written = Long.parseLong(header.substring(45, 55)) * 1_000;
    assertThat(expiry - written).isBetween(LIFE.toMillis(), LIFE.toMillis() + 999);
    // The server runs on this machine, so it has the same clock.
    assertThat(written)
        .isCloseTo(System.currentTimeMillis(), within(Duration.ofMinutes(1).toMillis()));
    assertThat(client.pttl(REDIS_KEY)).isBetween(LIFE.toMillis() + 1, 2 * LIFE.toMillis());
  }

  @ParameterizedTest
  @MethodSource("io.tidemark.redis.DamagedSlots#all")
  void verbs_damaged_asOneSeesIt(String what, byte[] bytes) {
    checkDamaged(() -> client.set(REDIS_KEY.getBytes(US_ASCII), bytes));
  }

  @Test
  void verbs_hash_damaged() {
    checkDamaged(() -> client.hset(REDIS_KEY, "field", "value"));
  }

  @Test
  void verbs_list_damaged() {
    checkDamaged(() -> client.rpush(REDIS_KEY, "element"));
  }

  /** Java and Lua agree: what is damaged for a reader is damaged for every script. */
  private static void checkDamaged(Runnable damage) {
    damage.run();
    assertThat(store.read(KEY)).isEqualTo(new Slot.Damaged());
    byte[] before = client.dump(REDIS_KEY);
    assertThat(store.fill(KEY, 42, ROW, FloorRule.AT_OR_ABOVE, LIFETIME))
        .isEqualTo(FillAnswer.REFUSED);
    assertThat(store.renew(KEY, 42, LIFE)).isFalse();
    store.abandon(KEY, 42);
    assertThat(store.refresh(KEY, ROW, LIFETIME, LIFE)).isEqualTo(RefreshAnswer.REFUSED);
    assertThat(client.dump(REDIS_KEY)).as("unchanged").isEqualTo(before);

    assertThat(store.claim(KEY, 42, ClaimMode.UNLESS_PRESENT, LIFE, LIFE))
        .isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
    assertThat(store.read(KEY).bare()).isEqualTo(new Slot.Pending(42, Version.NONE));

    client.del(REDIS_KEY);
    damage.run();
    assertThat(store.publish(KEY, 42, ROW, LIFETIME, LIFE)).isEqualTo(PublishAnswer.DROPPED);
    assertThat(store.read(KEY).bare()).isEqualTo(new Slot.Pending(LockHandle.NO_FENCE, 7));

    client.del(REDIS_KEY);
    damage.run();
    store.drop(KEY, Version.NONE, LIFE);
    assertThat(client.exists(REDIS_KEY)).isFalse();
  }
}
