package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void of_oddNumber_hasTheMiddleOne() {
    assertThat(Spread.of(List.of(3.0, 1.0, 2.0))).isEqualTo(new Spread(3, 1, 2, 3));
  }

  @Test
  void of_evenNumber_hasTheMeanOfTheTwoInTheMiddle() {
    assertThat(Spread.of(List.of(4.0, 1.0, 3.0, 2.0))).isEqualTo(new Spread(4, 1, 2.5, 4));
  }

  @Test
  void shows_allOnOneSide_isTrue() {
    assertThat(new Spread(5, 1.01, 1.2, 1.3).shows(1)).isTrue();
    assertThat(new Spread(5, 0.7, 0.8, 0.99).shows(1)).isTrue();
    assertThat(new Spread(5, 3, 40, 50).shows(0)).isTrue();
  }

  @Test
  void shows_bothSides_isFalse() {
    assertThat(new Spread(5, 0.9, 1.2, 1.3).shows(1)).isFalse();
    assertThat(new Spread(5, 1, 1.2, 1.3).shows(1)).isFalse();
  }

  @Test
  void shows_tooFewRounds_isFalse() {
    assertThat(new Spread(4, 2, 2, 2).shows(1)).isFalse();
  }
}
