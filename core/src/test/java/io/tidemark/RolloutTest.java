package io.tidemark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RolloutTest {
  private static final int KEYS = 20_000;

  /** The buckets of these texts, computed from the description of the hash, not by this library. */
  @ParameterizedTest
  @CsvSource({"'',42", "a,15", "1,82", "42,76", "4711,69", "tidemark,98", "ü,5", "🌊,9"})
  void isOn_knownText_isInTheSameBucketForEver(String keyText, int bucket) {
    assertThat(Rollout.ofKeys(bucket).isOn(keyText)).isFalse();
    assertThat(Rollout.ofKeys(bucket + 1).isOn(keyText)).isTrue();
  }

  static Stream<Arguments> shapesOfKeys() {
    IntFunction<String> numbers = Integer::toString;
    IntFunction<String> paths = i -> "/shop/" + i % 7 + "/item-" + i;
    IntFunction<String> uuids = i -> new UUID(i * 0x9e3779b97f4a7c15L, i).toString();
    IntFunction<String> hundreds = i -> Integer.toString(100 * i);
    return Stream.of(
        Arguments.of("numbers", numbers),
        Arguments.of("paths", paths),
        Arguments.of("uuids", uuids),
        Arguments.of("multiples of a hundred", hundreds));
  }

  /** A fair coin misses these bounds, six standard deviations wide, once in 500 million. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("shapesOfKeys")
  void isOn_manyKeys_areOnByThePercentage(String name, IntFunction<String> key) {
    for (int percent : List.of(1, 10, 25, 50, 90, 99)) {
      double share = percent / 100.0;
      double sixSigmas = 6 * Math.sqrt(KEYS * share * (1 - share));

      assertThat((double) countOn(Rollout.ofKeys(percent), key))
          .as("%d %% of %s", percent, name)
          .isBetween(KEYS * share - sixSigmas, KEYS * share + sixSigmas);
    }
  }

  private static long countOn(Rollout rollout, IntFunction<String> key) {
    return IntStream.range(0, KEYS).mapToObj(key).filter(rollout::isOn).count();
  }

  @Test
  void isOn_growingPercentage_neverTurnsAKeyOff() {
    for (int i = 0; i < 1_000; i++) {
      String key = "key" + i;
      boolean before = false;
      for (int percent = 0; percent <= 100; percent++) {
        boolean now = Rollout.ofKeys(percent).isOn(key);
        assertThat(now || !before).as("%s at %d %%", key, percent).isTrue();
        before = now;
      }
    }
  }

  @Test
  void isOn_noneOrAll_holdsForEveryKey() {
    assertThat(countOn(Rollout.bypass(), Integer::toString)).isZero();
    assertThat(countOn(Rollout.on(), Integer::toString)).isEqualTo(KEYS);
    assertThat(Rollout.ofKeys(0)).isEqualTo(Rollout.bypass());
    assertThat(Rollout.ofKeys(100)).isEqualTo(Rollout.on());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 101, Integer.MIN_VALUE})
  void ofKeys_outOfRange_isRefusedWithTheRule(int percent) {
    assertThatThrownBy(() -> Rollout.ofKeys(percent))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("percent is " + percent + "; it must be 0 to 100");
  }

  @ParameterizedTest
  @CsvSource({"on,100", "ON,100", "bypass,0", "Bypass,0", "0%,0", "7%,7", "25 %,25", "100%,100"})
  void parse_goodText_isThatPercentage(String text, int percent) {
    assertThat(Rollout.parse(text)).isEqualTo(Rollout.ofKeys(percent));
    assertThat(Rollout.parse(Rollout.parse(text).toString())).isEqualTo(Rollout.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "off", "25", "2.5%", "-1%", "101%", "1000%", "%", "٢٥%"})
  void parse_badText_isRefusedWithTheRule(String text) {
    assertThatThrownBy(() -> Rollout.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "rollout is '"
                + text
                + "'; it must be on, bypass, or a whole percentage of the keys from 0% to 100%");
  }

  @Test
  void toString_anyRollout_isWhatPropertiesSay() {
    assertThat(Stream.of(Rollout.on(), Rollout.bypass(), Rollout.ofKeys(25)).map(Rollout::toString))
        .containsExactly("on", "bypass", "25%");
  }
}
