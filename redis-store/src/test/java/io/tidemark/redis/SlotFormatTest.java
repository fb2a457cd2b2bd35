package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.fail;

import io.tidemark.spi.Filling;
import io.tidemark.spi.Payload;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Slot.Freshness;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlotFormatTest {
  private static final Instant WRITTEN_AT = Instant.ofEpochMilli(1_790_000_000_123L);
  private static final Instant EXPIRES_AT = WRITTEN_AT.plusSeconds(5);
  private static final String ABSENCE =
      "T2Av00000000000000000000f0000000000000000000l10000000000000000007e001790000005123"
          + "t001790000000123d000001234567bnode                            ";

  @Test
  void key_cacheAndKey_readableUtf8() {
    assertThat(SlotFormat.key(new SlotKey("my.cache", "7:ü")))
        .isEqualTo("tidemark:my.cache:7:ü".getBytes(UTF_8));
  }

  @Test
  void parsed_pending_fenceAndFloor() {
    String bytes =
        "T2Pv00000000000000000000f0000000000000000042l10000000000000000007e000000000000000"
            + "t001790000000123d000000000000b4711@node-1                     ";
    assertThat(SlotFormat.parsed(bytes.getBytes(US_ASCII), SlotFormatTest::neverAsked))
        .isEqualTo(new Slot.Pending(42, 7, "4711@node-1", WRITTEN_AT));
  }

  @Test
  void parsed_value_versionAndPayload() {
    String bytes =
        "T2Vv10000000000000000007f0000000000000000000l00000000000000000000e001790000005123"
            + "t001790000000123d000001234567b4711@node-1                     {\"a\":1}";
    assertThat(parsed(bytes, WRITTEN_AT.plusSeconds(1)))
        .isEqualTo(
            new Slot.Value(
                7,
                Payload.wrap("{\"a\":1}".getBytes(US_ASCII)),
                Freshness.FRESH,
                new Filling(
                    "4711@node-1",
                    WRITTEN_AT,
                    Duration.of(1_234_567, ChronoUnit.MICROS),
                    Duration.ofSeconds(4))));
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
    }
  }

  /** Redis would not have it any more if it were expired, and what is thought of its clock errs. */
  @Test
  void parsed_goneAtItsExpiry_freshWhateverTheClock() {
    String bytes = ABSENCE.replace('e', 'E');
    assertThat(parsed(bytes, EXPIRES_AT.plusMillis(1)).bare())
        .isEqualTo(new Slot.Absent(7, Freshness.FRESH));
    assertThat(freshFor(bytes, EXPIRES_AT.plusMillis(1))).isZero();
  }

  @Test
  void parsed_clockBehindTheWriting_freshForNoLongerThanItsLife() {
    assertThat(freshFor(ABSENCE, Instant.EPOCH))
        .isEqualTo(Duration.between(WRITTEN_AT, EXPIRES_AT));
  }

  @Test
  void parsed_highestNumbers_exact() {
    String bytes =
        "T2Pv00000000000000000000f9223372036854775807l19223372036854775807e000000000000000"
            + "t001790000000123d000000000000b~                               ";
    assertThat(SlotFormat.parsed(bytes.getBytes(US_ASCII), SlotFormatTest::neverAsked).bare())
        .isEqualTo(new Slot.Pending(Long.MAX_VALUE, Long.MAX_VALUE));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 000000000000",
    "1, 000000000001",
    "1000, 000000000001",
    "1001, 000000000002",
    "999999999999000, 999999999999",
    "999999999999001, 999999999999",
    "9223372036854775807, 999999999999"
  })
  void loadTime_anyTime_microsecondsRoundedUp(long nanos, String digits) {
    assertThat(SlotFormat.loadTime(Duration.ofNanos(nanos))).asString(US_ASCII).isEqualTo(digits);
  }

  @Test
  void loadTime_longerThanNanosecondsCount_theLongest() {
    assertThat(SlotFormat.loadTime(Duration.ofSeconds(Long.MAX_VALUE)))
        .asString(US_ASCII)
        .isEqualTo("999999999999");
  }

  @ParameterizedTest
  @MethodSource("io.tidemark.redis.DamagedSlots#all")
  void parsed_damaged_damaged(String what, byte[] bytes) {
    assertThat(SlotFormat.parsed(bytes, SlotFormatTest::neverAsked))
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

  private static Slot parsed(String bytes, Instant now) {
    return SlotFormat.parsed(bytes.getBytes(US_ASCII), now::toEpochMilli);
  }

  private static Duration freshFor(String bytes, Instant now) {
    return ((Slot.Absent) parsed(bytes, now)).filling().freshFor();
  }
}
