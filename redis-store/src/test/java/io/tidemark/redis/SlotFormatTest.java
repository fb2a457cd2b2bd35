package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.fail;

import io.tidemark.spi.Filling;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Slot.Freshness;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlotFormatTest {
  private static final Instant WRITTEN_AT = Instant.ofEpochSecond(1_790_000_000L);
  private static final Instant EXPIRES_AT = Instant.ofEpochMilli(1_790_000_005_123L);
  private static final Instant FLOOR_ENDS_AT = Instant.ofEpochMilli(1_790_000_009_123L);
  private static final String NO_MARK = "f00000000000000000000c0000000000000t1790000000bnode    ";
  private static final String ABSENCE =
      "T7--------a179000000512310000000000000000007t1790000000d125bnode    " + NO_MARK;
  private static final String GONE_AT_ITS_EXPIRY =
      ABSENCE.replace(NO_MARK, "").replace("----a", "----A");
  private static final String CLAIM =
      "T7--------P10000000000000000042l10000000000000000007c1790000005123e1790000009123t1790000000"
          + "b4711@n-1";

  @Test
  void key_cacheAndKey_readableUtf8() {
    assertThat(SlotFormat.key(new SlotKey("my.cache", "7:ü")))
        .isEqualTo("tidemark:my.cache:7:ü".getBytes(UTF_8));
  }

  @Test
  void parsed_pending_fenceAndFloor() {
    assertThat(CLAIM).hasSize(100);
    assertThat(parsed(CLAIM, EXPIRES_AT.minusMillis(1)))
        .isEqualTo(new Slot.Pending(42, 7, EXPIRES_AT, FLOOR_ENDS_AT, "4711@n-1", WRITTEN_AT));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 42, (1L << 53) + 1, Long.MAX_VALUE})
  void fence_lockOrBallot_parsedBack(long fence) {
    for (long each : List.of(fence, -fence)) {
      String field = new String(SlotFormat.fence(each), US_ASCII);
      String bytes = CLAIM.replace("10000000000000000042", field);
      assertThat(parsed(bytes, WRITTEN_AT).bare()).isEqualTo(new Slot.Pending(each, 7));
      assertThat(field.startsWith("1")).as(field).isEqualTo(each > 0);
    }
  }

  @Test
  void parsed_claimOver_floorAlone() {
    for (Instant moment : List.of(EXPIRES_AT, FLOOR_ENDS_AT.minusMillis(1))) {
      assertThat(parsed(CLAIM, moment))
          .isEqualTo(
              new Slot.Pending(
                  LockHandle.NO_FENCE, 7, Instant.EPOCH, FLOOR_ENDS_AT, "4711@n-1", WRITTEN_AT));
    }
  }

  @Test
  void parsed_claimAndFloorOver_empty() {
    assertThat(parsed(CLAIM, FLOOR_ENDS_AT)).isEqualTo(new Slot.Empty());
    String withoutFloor = CLAIM.replace("10000000000000000007", "00000000000000000000");
    assertThat(parsed(withoutFloor, EXPIRES_AT)).isEqualTo(new Slot.Empty());
  }

  @Test
  void parsed_value_versionAndPayload() {
    String header =
        "T7--------v179000000512310000000000000000007t1790000000d125b4711@n-1" + NO_MARK;
    assertThat(header).hasSize(123);
    assertThat(parsed(header + "{\"a\":1}", WRITTEN_AT.plusSeconds(1)))
        .isEqualTo(
            new Slot.Value(
                7,
                Payload.wrap("{\"a\":1}".getBytes(US_ASCII)),
                Freshness.FRESH,
                new Filling(
                    "4711@n-1",
                    WRITTEN_AT,
                    Duration.of(1_200_000, ChronoUnit.MICROS),
                    Duration.ofMillis(4_123),
                    Duration.ofMillis(4_123),
                    Duration.ZERO)));
  }

  @Test
  void parsed_reservedEntry_reservationUntilItEnds() {
    String mark = "f00000000000000000042c1790000009123t1790000006b4712@n-2";
    Slot.Pending reservation =
        new Slot.Pending(
            -42, 7, FLOOR_ENDS_AT, Instant.EPOCH, "4712@n-2", WRITTEN_AT.plusSeconds(6));
    String absence = ABSENCE.replace(NO_MARK, mark);
    String value = absence.replace("----a", "----v") + "row";
    for (String bytes : List.of(absence, value)) {
      assertThat(parsed(bytes, FLOOR_ENDS_AT.minusMillis(1)).claim()).isEqualTo(reservation);
      assertThat(parsed(bytes, FLOOR_ENDS_AT).claim()).isNull();
    }
    assertThat(parsed(absence, EXPIRES_AT).bare()).isEqualTo(new Slot.Absent(7, Freshness.EXPIRED));
    assertThat(parsed(value, EXPIRES_AT).bare())
        .isEqualTo(new Slot.Value(7, Payload.wrap("row".getBytes(US_ASCII)), Freshness.EXPIRED));
  }

  @Test
  void parsed_anyLineage_notLookedAt() {
    for (String lineage : List.of("00000000", "0123abcd", "ab\0c    ")) {
      assertThat(parsed(ABSENCE.replace("--------", lineage), WRITTEN_AT))
          .isEqualTo(parsed(ABSENCE, WRITTEN_AT));
      assertThat(parsed(CLAIM.replace("--------", lineage), WRITTEN_AT))
          .isEqualTo(parsed(CLAIM, WRITTEN_AT));
    }
  }

  @Test
  void parsed_anotherLineage_onlyItsFloor() {
    assertThat(parsed(ABSENCE, lineage("0123abcd"))).isEqualTo(new Slot.Empty());
    assertThat(parsed(CLAIM.replace("--------", "0123abce"), lineage("0123abcd")))
        .isEqualTo(
            new Slot.Pending(
                LockHandle.NO_FENCE, 7, Instant.EPOCH, FLOOR_ENDS_AT, "4711@n-1", WRITTEN_AT));
    assertThat(parsed(CLAIM.replace("l10000000000000000007", "l" + "0".repeat(20)), lineage("0")))
        .isEqualTo(new Slot.Empty());
    assertThat(parsed("T7 not a slot", lineage("0123abcd"))).isEqualTo(new Slot.Damaged());
  }

  @Test
  void parsed_anotherLineageAfterTheFloor_empty() {
    String text = CLAIM.replace("e1790000009123", "e1790000000000");
    assertThat(parsed(text, lineage("0123abcd"))).isEqualTo(new Slot.Empty());
  }

  @Test
  void parsed_sameLineage_asItIs() {
    String bytes = CLAIM.replace("--------", "0123abcd");
    assertThat(parsed(bytes, lineage("0123abcd"))).isEqualTo(parsed(bytes, WRITTEN_AT));
    assertThat(parsed(bytes, Lineage.ANY)).isEqualTo(parsed(bytes, WRITTEN_AT));
  }

  @Test
  void parsed_absence_floor() {
    assertThat(parsed(ABSENCE, WRITTEN_AT).bare()).isEqualTo(new Slot.Absent(7, Freshness.FRESH));
  }

  @Test
  void parsed_absenceWithoutFloor_none() {
    String bytes = ABSENCE.replace("10000000000000000007", "00000000000000000000");
    assertThat(parsed(bytes, WRITTEN_AT).bare())
        .isEqualTo(new Slot.Absent(Version.NONE, Freshness.FRESH));
  }

  @Test
  void parsed_atAndAfterItsExpiry_expired() {
    assertThat(parsed(ABSENCE, EXPIRES_AT.minusMillis(1)).bare())
        .isEqualTo(new Slot.Absent(7, Freshness.FRESH));
    assertThat(freshFor(ABSENCE, EXPIRES_AT.minusMillis(1))).isEqualTo(Duration.ofMillis(1));
    for (Duration later : List.of(Duration.ZERO, Duration.ofDays(1))) {
      assertThat(parsed(ABSENCE, EXPIRES_AT.plus(later)).bare())
          .isEqualTo(new Slot.Absent(7, Freshness.EXPIRED));
      assertThat(freshFor(ABSENCE, EXPIRES_AT.plus(later))).isZero();
      assertThat(((Slot.Absent) parsed(ABSENCE, EXPIRES_AT.plus(later))).filling().expiredFor())
          .isEqualTo(later);
    }
  }

  /** The estimate of the server's clock errs: Redis would have removed an expired entry. */
  @Test
  void parsed_goneAtItsExpiryAndItsServerDoesNotThinkSo_fresh() {
    String bytes = GONE_AT_ITS_EXPIRY;
    Instant exact = EXPIRES_AT.minusMillis(1);
    assertThat(parsed(bytes, EXPIRES_AT.plusSeconds(9), exact).bare())
        .isEqualTo(new Slot.Absent(7, Freshness.FRESH));
    assertThat(((Slot.Absent) parsed(bytes, EXPIRES_AT, exact)).filling().freshFor()).isZero();
  }

  /** It has lost its time to live, or was copied without it. */
  @Test
  void parsed_goneAtItsExpiryAndStillThere_empty() {
    assertThat(parsed(GONE_AT_ITS_EXPIRY, EXPIRES_AT, EXPIRES_AT)).isEqualTo(new Slot.Empty());
  }

  @Test
  void parsed_clockBehindTheWriting_freshForNoLongerThanItsLife() {
    assertThat(freshFor(ABSENCE, Instant.EPOCH))
        .isEqualTo(Duration.between(WRITTEN_AT, EXPIRES_AT));
  }

  @Test
  void parsed_highestNumbers_exact() {
    String bytes =
        "T7--------P19223372036854775807l19223372036854775807c9999999999999e9999999999999t9999999999"
            + "b~       ";
    assertThat(parsed(bytes, WRITTEN_AT).bare())
        .isEqualTo(new Slot.Pending(Long.MAX_VALUE, Long.MAX_VALUE));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 000",
    "1, 010",
    "1000, 010",
    "1001, 020",
    "99000, 990",
    "99001, 101",
    "1234567000, 135",
    "99000000000000, 999",
    "99000000000001, 999",
    "9223372036854775807, 999"
  })
  void loadTime_anyTime_twoDigitsOfMicrosecondsRoundedUp(long nanos, String digits) {
    assertThat(SlotFormat.loadTime(Duration.ofNanos(nanos))).asString(US_ASCII).isEqualTo(digits);
  }

  @Test
  void loadTime_longerThanNanosecondsCount_theLongest() {
    assertThat(SlotFormat.loadTime(Duration.ofSeconds(Long.MAX_VALUE)))
        .asString(US_ASCII)
        .isEqualTo("999");
  }

  @Test
  void parsed_withoutLoadTime_notKnown() {
    for (String bytes : List.of(ABSENCE, GONE_AT_ITS_EXPIRY)) {
      Slot slot = parsed(bytes.replace("d125", ""), WRITTEN_AT);
      assertThat(slot.bare()).isEqualTo(new Slot.Absent(7, Freshness.FRESH));
      assertThat(((Slot.Absent) slot).filling().loadTime()).isZero();
      assertThat(((Slot.Absent) slot).filling().writer()).isEqualTo("node");
    }
    String value = ABSENCE.replace("----a", "----v").replace("d125", "") + "d12b";
    assertThat(parsed(value, WRITTEN_AT).bare())
        .isEqualTo(new Slot.Value(7, Payload.wrap("d12b".getBytes(US_ASCII)), Freshness.FRESH));
  }

  @Test
  void parsed_longestLoadTime_toldInFull() {
    String bytes = ABSENCE.replace("d125", "d999");
    assertThat(((Slot.Absent) parsed(bytes, WRITTEN_AT)).filling().loadTime())
        .isEqualTo(Duration.ofMinutes(1_650));
  }

  @ParameterizedTest
  @MethodSource("io.tidemark.redis.DamagedSlots#all")
  void parsed_damaged_damaged(String what, byte[] bytes) {
    assertThat(
            SlotFormat.parsed(bytes, clock(SlotFormatTest::neverAsked, SlotFormatTest::neverAsked)))
        .as(what)
        .isEqualTo(new Slot.Damaged());
  }

  @ParameterizedTest
  @ValueSource(longs = {Version.NONE, 0, 1, (1L << 53) + 1, Long.MAX_VALUE})
  void version_anyVersion_parsedBack(long version) {
    byte[] field = SlotFormat.version(version);
    assertThat(field).hasSize(20);
    assertThat(SlotFormat.parsedVersion(field)).isEqualTo(version);
  }

  @Test
  void parsedVersion_noVersion_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SlotFormat.parsedVersion("29223372036854775807".getBytes(US_ASCII)));
  }

  private static long neverAsked() {
    return fail("asked for the time");
  }

  /** The lineage whose digits begin so. */
  private static Lineage lineage(String start) {
    return Lineage.ofAnswer((start + "0".repeat(8 - start.length())).getBytes(US_ASCII));
  }

  private static Slot parsed(String bytes, Lineage lineage) {
    return SlotFormat.parsed(
        bytes.getBytes(US_ASCII),
        lineage,
        clock(WRITTEN_AT::toEpochMilli, SlotFormatTest::neverAsked));
  }

  private static Slot parsed(String bytes, Instant now) {
    return SlotFormat.parsed(
        bytes.getBytes(US_ASCII), clock(now::toEpochMilli, SlotFormatTest::neverAsked));
  }

  private static Slot parsed(String bytes, Instant estimate, Instant exact) {
    return SlotFormat.parsed(
        bytes.getBytes(US_ASCII), clock(estimate::toEpochMilli, exact::toEpochMilli));
  }

  private static SlotClock clock(LongSupplier estimate, LongSupplier exact) {
    return new SlotClock() {
      @Override
      public long estimate() {
        return estimate.getAsLong();
      }

      @Override
      public long roughEstimate() {
        return estimate.getAsLong();
      }

      @Override
      public long exact() {
        return exact.getAsLong();
      }
    };
  }

  private static Duration freshFor(String bytes, Instant now) {
    return ((Slot.Absent) parsed(bytes, now)).filling().freshFor();
  }
}
