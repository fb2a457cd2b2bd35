package io.tidemark.resilience4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of the options. */
class BreakerStoreBuilderTest {
  private final BreakerStoreBuilder builder = BreakerStore.builder(InMemoryStore.create());

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 10_001})
  void windowSize_outOfRange_isRefused(int calls) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.windowSize(calls))
        .withMessage("windowSize is " + calls + "; it must be 1 to 10000");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.009, -0.1, 1.01, Double.NaN})
  void failureRate_outOfRange_isRefused(double part) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.failureRate(part))
        .withMessage("failureRate is " + part + "; it must be 0.01 to 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT0.009S", "PT1M0.001S", "PT-1S"})
  void probeInterval_outOfRange_isRefused(Duration interval) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.probeInterval(interval))
        .withMessage("probeInterval is " + interval + "; it must be PT0.01S to PT1M");
  }

  @Test
  void name_blank_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.name(" "))
        .withMessage("name is ' '; it must not be blank");
  }

  @Test
  void option_setTwice_isRefused() {
    builder.windowSize(5);

    assertThatIllegalStateException()
        .isThrownBy(() -> builder.windowSize(5))
        .withMessage("windowSize is set already; an option may be set once");
  }

  @Test
  void toString_store_saysWhatIsBehindTheBreaker() {
    try (BreakerStore store = BreakerStore.builder(InMemoryStore.create().as("node-7")).build()) {
      assertThat(store).hasToString("InMemoryStore (writer node-7) behind a circuit breaker");
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "5,1,5", "10,0.5,5", "10,0.01,1", "100,0.07,7", "3,0.5,2", "10000,1,10000"})
  void build_windowAndRate_opensAfterThatPartOfTheWindow(int window, double rate, int failures) {
    Outage outage = new Outage();
    outage.begin();
    try (BreakerStore store =
        BreakerStore.builder(outage.store())
            .windowSize(window)
            .failureRate(rate)
            .scheduler(new HandScheduler())
            .build()) {
      while (store.circuitBreaker().getState() == State.CLOSED) {
        BreakerStoreTest.failOnce(store, new SlotKey("products", "1"));
      }
    }
    assertThat(outage.calls()).isEqualTo(failures);
  }
}
