package io.tidemark.engine;

import io.tidemark.engine.Flight.Landing;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.SlotKey;

/**
 * A call that never waits by itself: it says which flight to wait for, and until when, and is told
 * how that ended. A driver waits for it, with a thread or without. For one thread at a time.
 *
 * @param <V> the type of the values that flights bring
 * @param <R> the type of what the caller is told
 */
interface Call<V, R> {
  /** What is asked for, for messages. */
  SlotKey slotKey();

  /** By when the call must have answered. */
  Deadline deadline();

  /** Makes the first move: looks for the answer, which may block for the store. */
  void look();

  /** Whether {@link #result} has the answer; if not, {@link #flight} is to be waited for. */
  boolean isAnswered();

  /** The flight that will bring the answer, if this call is not answered. */
  Flight<V> flight();

  /** When to call {@link #waited}, unless the flight ends before. */
  Deadline waitUntil();

  /** The flight has landed. */
  void landed(Landing<V> landing);

  /** The flight has failed. */
  void failed(Throwable failure);

  /**
   * The moment that {@link #waitUntil} named has come, and the flight is still under way.
   *
   * @param moment that moment
   */
  void waited(Deadline moment);

  /** What to tell the caller; only once the call is answered, and once. */
  R result();

  /** The caller is thrown something. */
  void tellOfFailure(Throwable failure);

  /** The caller waits no longer, for whatever reason; on any thread. */
  default void over() {}
}
