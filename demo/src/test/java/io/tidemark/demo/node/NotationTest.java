package io.tidemark.demo.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.FallbackPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.HostAndPort;

class NotationTest {

  @ParameterizedTest
  @CsvSource({"250ms, PT0.25S", "5s, PT5S", "5m, PT5M", "1h, PT1H", "0ms, PT0S", "1500ms, PT1.5S"})
  void duration_ofEachUnit_isReadAndWritten(String text, Duration duration) {
    assertThat(Notation.duration(text)).isEqualTo(duration);
    assertThat(Notation.duration(Notation.text(duration))).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        "ms",
        "-5s",
        "5 s",
        "1.5s",
        "5S",
        "5d",
        "PT5S",
        "5s5",
        "9999999999999ms",
        "٥s"
      })
  void duration_writtenOtherwise_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Notation.duration(text))
        .withMessage(
            "'%s'; it must be a whole number and its unit, ms, s, m or h, such as 250ms", text);
  }

  @Test
  void duration_outOfBounds_isRefused() {
    Duration least = Duration.ofMillis(50);
    Duration most = Duration.ofHours(1);

    assertThat(Notation.duration("50ms", least, most)).isEqualTo(least);
    assertThat(Notation.duration("60m", least, most)).isEqualTo(most);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Notation.duration("49ms", least, most))
        .withMessage("'49ms'; it must be 50ms to 1h");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Notation.duration("3601s", least, most))
        .withMessage("'3601s'; it must be 50ms to 1h");
  }

  @ParameterizedTest
  @CsvSource({"PT0S, 0s", "PT0.001S, 1ms", "PT61S, 61s", "PT90M, 90m", "PT24H, 24h"})
  void text_ofADuration_usesTheLargestUnitThatFits(Duration duration, String text) {
    assertThat(Notation.text(duration)).isEqualTo(text);
  }

  @Test
  void wholeNumber_withinBounds_isRead() {
    assertThat(Notation.wholeNumber("1", 1, 9)).isEqualTo(1);
    assertThat(Notation.wholeNumber("9223372036854775807", 1, Long.MAX_VALUE))
        .isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "10", "-1", "+5", "5.0", "5e0", "abc", "9223372036854775808"})
  void wholeNumber_otherwise_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Notation.wholeNumber(text, 1, 9))
        .withMessage("'%s'; it must be a whole number, 1 to 9", text);
  }

  @Test
  void truth_ofBothWords_isRead() {
    assertThat(Notation.truth("true")).isTrue();
    assertThat(Notation.truth("false")).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Notation.truth("yes"))
        .withMessage("'yes'; it must be true or false");
  }

  @Test
  void word_ofAnEnum_isReadInLowerCaseOnly() {
    assertThat(Notation.word(FallbackPolicy.class, "stale")).isEqualTo(FallbackPolicy.STALE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Notation.word(FallbackPolicy.class, "STALE"))
        .withMessage("'STALE'; it must be one of fail, load, stale");
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:6379, localhost, 6379",
    "127.0.0.1:1, 127.0.0.1, 1",
    "[::1]:65535, [::1], 65535"
  })
  void address_ofHostAndPort_isRead(String text, String host, int port) {
    assertThat(Notation.address(text)).isEqualTo(new HostAndPort(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost",
        ":6379",
        "localhost:",
        "localhost:0",
        "localhost:65536",
        "a b:1",
        "a:b:1",
        "h:1,h:2"
      })
  void address_otherwise_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Notation.address(text))
        .withMessage("'%s'; it must be HOST:PORT, with a port of 1 to 65535", text);
  }

  @Test
  void addresses_separatedByCommas_areRead() {
    assertThat(Notation.addresses("a:1,b:2")).isEqualTo("a:1,b:2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Notation.addresses("a:1,"))
        .withMessage("'a:1,'; it must be HOST:PORT[,HOST:PORT...], with ports of 1 to 65535");
  }
}
