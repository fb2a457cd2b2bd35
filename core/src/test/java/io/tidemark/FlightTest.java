package io.tidemark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.Flight.Landing;
import io.tidemark.Flight.Seat;
import io.tidemark.spi.Deadline;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class FlightTest {
  private static final Answer<String> ANSWER =
      Answer.found(Row.present("a", 1), Origin.CACHE_AFTER_WAIT);

  private final Flight<String> flight = new Flight<>();

  @Test
  void mayHave_joinedBeforeTheRequest_isTrue() throws Exception {
    Seat<String> seat = flight.join();
    int epoch = flight.advance();
    flight.land(new Landing<>(ANSWER, epoch));

    assertThat(seat.mayHave(landing())).isTrue();
  }

  @Test
  void mayHave_joinedAfterTheRequest_isFalse() throws Exception {
    int epoch = flight.advance();
    Seat<String> seat = flight.join();
    flight.land(new Landing<>(ANSWER, epoch));

    assertThat(seat.mayHave(landing())).isFalse();
  }

  @Test
  void mayHave_joinedBetweenLoadAndFill_dependsOnWhichCounts() throws Exception {
    int load = flight.advance();
    Seat<String> seat = flight.join();
    int fill = flight.advance();
    flight.land(new Landing<>(ANSWER, fill));

    assertThat(seat.mayHave(landing())).isTrue();
    assertThat(seat.mayHave(new Landing<>(ANSWER, load))).isFalse();
  }

  @Test
  void firstSeat_afterManyEpochs_stillHasTheFirst() throws Exception {
    flight.advance();
    flight.land(new Landing<>(ANSWER, flight.advance()));

    assertThat(flight.firstSeat().mayHave(landing())).isTrue();
  }

  @Test
  void land_twice_keepsTheFirst() throws Exception {
    flight.land(new Landing<>(ANSWER, flight.advance()));
    flight.land(new Landing<>(Answer.found(Row.absent(), Origin.CACHE), flight.advance()));

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

  private Landing<String> landing() throws Exception {
    return flight.await(Deadline.after(Duration.ofSeconds(10)));
  }
}
