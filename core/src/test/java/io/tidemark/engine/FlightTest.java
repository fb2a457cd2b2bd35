package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.Origin;
import io.tidemark.Row;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.engine.Flight.Seat;
import io.tidemark.spi.Deadline;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class FlightTest {
  private static final Answer<String> ANSWER = answer(Row.present("a", 1), Origin.CACHE_AFTER_WAIT);

  private final EpochCounter epochs = new EpochCounter();
  private final Flight<String> flight = new Flight<>(flight -> {});

  @Test
  void mayHave_calledBeforeTheRequest_isTrue() throws Exception {
    Seat<String> seat = seat();
    flight.land(new Landing<>(ANSWER, epochs.advance()));

    assertThat(seat.mayHave(landing())).isTrue();
  }

  @Test
  void mayHave_calledAfterTheRequest_isFalse() throws Exception {
    long epoch = epochs.advance();
    Seat<String> seat = seat();
    flight.land(new Landing<>(ANSWER, epoch));

    assertThat(seat.mayHave(landing())).isFalse();
  }

  @Test
  void mayHave_calledBetweenLoadAndFill_dependsOnWhichCounts() throws Exception {
    long load = epochs.advance();
    Seat<String> seat = seat();
    long fill = epochs.advance();
    flight.land(new Landing<>(ANSWER, fill));

    assertThat(seat.mayHave(landing())).isTrue();
    assertThat(seat.mayHave(new Landing<>(ANSWER, load))).isFalse();
  }

  @Test
  void mayHave_joinedAnotherFlightAfterItsRequest_dependsOnWhenItCalled() {
    long calledBefore = epochs.current();
    Flight<String> next = new Flight<>(flight -> {});
    Landing<String> landing = new Landing<>(ANSWER, epochs.advance());
    long calledAfter = epochs.current();

    assertThat(new Seat<>(next, calledBefore).mayHave(landing)).isTrue();
    assertThat(new Seat<>(next, calledAfter).mayHave(landing)).isFalse();
  }

  @Test
  void land_twice_keepsTheFirst() throws Exception {
    flight.land(new Landing<>(ANSWER, epochs.advance()));
    flight.land(new Landing<>(answer(Row.absent(), Origin.CACHE), epochs.advance()));

    assertThat(landing().answer()).isEqualTo(ANSWER);
  }

  @Test
  void await_failed_throwsTheFailure() {
    flight.fail(new IllegalStateException("broken"));

    assertThatThrownBy(this::landing)
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("broken");
    assertThat(flight.hasEnded()).isTrue();
  }

  @Test
  void await_notLanded_timesOut() {
    assertThatThrownBy(() -> flight.await(Deadline.after(Duration.ofMillis(1))))
        .isInstanceOf(TimeoutException.class);
    assertThat(flight.hasEnded()).isFalse();
  }

  @Test
  void landing_flightLands_isTheLanding() throws Exception {
    CompletableFuture<Landing<String>> before = flight.landing();
    Landing<String> landing = new Landing<>(ANSWER, epochs.advance());
    flight.land(landing);

    assertThat(before).isCompletedWithValue(landing);
    assertThat(flight.landing()).isCompletedWithValue(landing);
  }

  @Test
  void landing_flightFails_isTheFailureItself() {
    CompletableFuture<Landing<String>> before = flight.landing();
    IllegalStateException broken = new IllegalStateException("broken");
    flight.fail(broken);

    assertThat(failure(before)).isSameAs(broken);
    assertThat(failure(flight.landing())).isSameAs(broken);
  }

  /** Of a load that hangs, waits that are over must not pile up. */
  @Test
  void landing_waiterGivesUp_isForgottenAndHarmsNobody() {
    for (int i = 0; i < 1_000; i++) {
      flight.landing().completeExceptionally(new TimeoutException());
    }
    CompletableFuture<Landing<String>> other = flight.landing();
    assertThat(flight.waiting()).isEqualTo(1);
    flight.land(new Landing<>(ANSWER, epochs.advance()));

    assertThat(other).isCompleted();
    assertThat(flight.waiting()).isZero();
  }

  private static Answer<String> answer(Row<String> row, Origin origin) {
    return new Answer<>(new Copies.Shared<>(row), origin, false, 0, Optional.empty());
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return future.handle((result, failure) -> failure).join();
  }

  private Landing<String> landing() throws Exception {
    return flight.await(Deadline.after(Duration.ofSeconds(10)));
  }

  /** The seat of a call that begins now. */
  private Seat<String> seat() {
    return new Seat<>(flight, epochs.current());
  }
}
