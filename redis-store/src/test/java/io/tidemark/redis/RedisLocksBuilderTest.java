package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.tidemark.spi.LockProvider;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisLocksBuilderTest {
  private final RedisLocksBuilder<LockProvider> builder =
      new RedisLocksBuilder<>(
          options -> {
            throw new AssertionError("nothing is built here");
          });

  @ParameterizedTest
  @ValueSource(strings = {"PT0.099S", "PT0S", "PT-1S", "PT1H0.001S"})
  void life_outOfRange_isRefusedWithOptionValueAndRule(String life) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.life(Duration.parse(life)))
        .withMessage("life is " + life + "; it must be PT0.1S to PT1H");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT1M0.001S"})
  void pollInterval_outOfRange_isRefusedWithOptionValueAndRule(String interval) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.pollInterval(Duration.parse(interval)))
        .withMessage("pollInterval is " + interval + "; it must be PT0.001S to PT1M");
  }

  @Test
  void options_atTheirBounds_areTaken() {
    builder.life(Duration.ofMillis(100)).pollInterval(Duration.ofMinutes(1));
    assertThat(builder.life()).isEqualTo(Duration.ofMillis(100));
    assertThat(builder.pollInterval()).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void options_notSet_haveTheirDefaults() {
    assertThat(builder.life()).isEqualTo(Duration.ofSeconds(10));
    assertThat(builder.pollInterval()).isEqualTo(Duration.ofMillis(200));
  }

  @Test
  void options_setTwice_areRefused() {
    builder.life(Duration.ofSeconds(1)).pollInterval(Duration.ofSeconds(1));
    assertThatIllegalStateException()
        .isThrownBy(() -> builder.life(Duration.ofSeconds(1)))
        .withMessageContaining("life is set already");
    assertThatIllegalStateException()
        .isThrownBy(() -> builder.pollInterval(Duration.ofSeconds(1)))
        .withMessageContaining("pollInterval is set already");
  }
}
