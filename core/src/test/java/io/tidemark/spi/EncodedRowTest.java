package io.tidemark.spi;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class EncodedRowTest {
  private static final Duration NEGATIVE = Duration.ofNanos(-1);

  @Test
  void present_negativeLoadTime_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EncodedRow.Present(7, Payload.wrap(new byte[0]), NEGATIVE))
        .withMessage("loadTime is PT-0.000000001S; it must be zero or more");
  }

  @Test
  void absent_negativeLoadTime_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EncodedRow.Absent(7, NEGATIVE))
        .withMessage("loadTime is PT-0.000000001S; it must be zero or more");
  }
}
