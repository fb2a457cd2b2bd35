package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.DeadlineExceededException;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.engine.Flight.Seat;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.SlotKey;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One caller's refresh: a seat on a flight that reads the source, and on another one where what
 * that found is too old for this caller. The slot is no answer to it, and neither is a row from
 * before the call.
 */
final class RefreshCall<K, V> implements Call<V, ReadResult<V>> {
  private final Settings<K, V> settings;
  private final Journal journal;
  private final Flights<K, V> flights;
  private final CacheKey<K> key;
  private final Caller caller;
  private int seats;
  private @Nullable Seat<V> seat;
  private @Nullable Answer<V> answer;

  /** The row of the answer: this caller's own. */
  private @Nullable Row<V> row;

  RefreshCall(
      Settings<K, V> settings,
      Journal journal,
      Flights<K, V> flights,
      CacheKey<K> key,
      Caller caller) {
    this.settings = settings;
    this.journal = journal;
    this.flights = flights;
    this.key = key;
    this.caller = caller;
  }

  @Override
  public SlotKey slotKey() {
    return key.slot();
  }

  @Override
  public Deadline deadline() {
    return caller.deadline();
  }

  @Override
  public void look() {
    seats++;
    seat = flights.takeSeat(Boarding.Kind.REFRESH, key, caller);
  }

  @Override
  public boolean isAnswered() {
    return row != null;
  }

  @Override
  public Flight<V> flight() {
    return Objects.requireNonNull(seat).flight();
  }

  @Override
  public Deadline waitUntil() {
    return caller.deadline();
  }

  @Override
  public void landed(Landing<V> landing) {
    if (Objects.requireNonNull(seat).mayHave(landing)) {
      answer = landing.answer();
      row = answer.copies().take();
    }
    if (row == null) {
      look();
    }
  }

  @Override
  public void failed(Throwable failure) {
    if (failure instanceof DeadlineExceededException && !caller.waitLimit().hasPassed()) {
      // The caller that started the flight was in more of a hurry than this one is.
      look();
    } else {
      throw Flight.unchecked(slotKey(), failure);
    }
  }

  @Override
  public void waited(Deadline moment) {
    throw flight().run().late(slotKey(), caller.terms().profile().deadline(), settings.obstacle());
  }

  @Override
  public ReadResult<V> result() {
    return Objects.requireNonNull(answer)
        .toResult(Objects.requireNonNull(row), caller.stopwatch().elapsed(), seats - 1);
  }

  @Override
  public void tellOfFailure(Throwable failure) {
    journal.add(Kind.READ_FAILED, slotKey(), caller.stopwatch().elapsed(), failure);
  }
}
