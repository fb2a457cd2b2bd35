package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.fail;

import io.tidemark.spi.Payload;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Slot.Freshness;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlotFormatTest {
  @Test
  void key_cacheAndKey_readableUtf8() {
    assertThat(SlotFormat.key(new SlotKey("my.cache", "7:ü")))
        .isEqualTo("tidemark:my.cache:7:ü".getBytes(UTF_8));
  }

  @Test
  void parsed_pending_fenceAndFloor() {
    String bytes =
        "T1Pv00000000000000000000f0000000000000000042l10000000000000000007e000000000000000";
    assertThat(parsed(bytes)).isEqualTo(new Slot.Pending(42, 7));
  }

  @Test
  void parsed_value_versionAndPayload() {
    String bytes =
        "T1Vv10000000000000000007f0000000000000000000l00000000000000000000e000000000000000{\"a\":1}";
    assertThat(parsed(bytes))
        .isEqualTo(
            new Slot.Value(7, Payload.wrap("{\"a\":1}".getBytes(US_ASCII)), Freshness.FRESH));
  }

  @Test
  void parsed_absence_floor() {
    String bytes =
        "T1Av00000000000000000000f0000000000000000000l00000000000000000000e000000000000000";
    assertThat(parsed(bytes)).isEqualTo(new Slot.Absent(Version.NONE, Freshness.FRESH));
  }

  @Test
  void parsed_expiryOfItsOwn_askedAboutIt() {
    String bytes =
        "T1Av00000000000000000000f0000000000000000000l10000000000000000007e001790000000123";
    assertThat(SlotFormat.parsed(bytes.getBytes(US_ASCII), millis -> millis == 1790000000123L))
        .isEqualTo(new Slot.Absent(7, Freshness.EXPIRED));
    assertThat(SlotFormat.parsed(bytes.getBytes(US_ASCII), millis -> millis != 1790000000123L))
        .isEqualTo(new Slot.Absent(7, Freshness.FRESH));
  }

  @Test
  void parsed_highestNumbers_exact() {
    String bytes =
        "T1Pv00000000000000000000f9223372036854775807l19223372036854775807e000000000000000";
    assertThat(parsed(bytes)).isEqualTo(new Slot.Pending(Long.MAX_VALUE, Long.MAX_VALUE));
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

  private static boolean neverAsked(long millis) {
    return fail("asked about " + millis);
  }

  private static Slot parsed(String bytes) {
    return SlotFormat.parsed(bytes.getBytes(US_ASCII), SlotFormatTest::neverAsked);
  }
}
