package io.tidemark;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The one load of a key under way in this process, and those who wait for it.
 *
 * <p>Whoever waits must not be handed what was read before their call began: in between, a write
 * may have returned whose row they must see. Callers join at any time, so it must be known whose
 * call came before a read and whose after it. {@link Epochs} counts: a new epoch begins just before
 * each request whose answer may become the callers' answer; a call notes the epoch that it begins
 * in; and the answer carries the epoch that its request began. A call of a lower epoch began before
 * that request was made, and may have the answer. Any other looks at the slot again.
 *
 * <p>The request that counts is:
 *
 * <ul>
 *   <li>for a hit, the read of the slot: it was the entry after the call began;
 *   <li>for a row that the store accepted, the fill: the claim was unbroken then, so no write came
 *       between the load and the fill, and who called during the load may have the row too;
 *   <li>for a row that the store did not accept, the read of the source.
 * </ul>
 *
 * <p>The epochs are the cache's and not the flight's, so that a call may change flights: when one
 * has failed, all who waited for it share the next, whenever they join that.
 *
 * <p>Thread-safe.
 *
 * @param <V> the type of the value
 */
final class Flight<V> {
  private final Epochs epochs;
  private final CompletableFuture<Landing<V>> landing = new CompletableFuture<>();

  /** Those who wait without a thread, by the order they came in; who waits no more is not kept. */
  private final Map<Long, CompletableFuture<Landing<V>>> waiting = new LinkedHashMap<>();

  private long waitingEver;

  private volatile @Nullable FutureTask<?> task;
  private volatile @Nullable Executor executor;
  private volatile boolean begun;
  private volatile boolean loading;

  /**
   * How a flight ended well.
   *
   * @param answer what it found
   * @param epoch the epoch that began with the request it was found by
   */
  record Landing<V>(Answer<V> answer, long epoch) {}

  /**
   * One caller's place on a flight.
   *
   * @param flight the flight
   * @param epoch the epoch that the caller's call began in
   */
  record Seat<V>(Flight<V> flight, long epoch) {

    /** Whether the caller may have what the flight found. */
    boolean mayHave(Landing<V> landing) {
      return epoch < landing.epoch();
    }
  }

  /** Makes a flight that nobody waits for yet. */
  Flight(Epochs epochs) {
    this.epochs = epochs;
  }

  /** Begins an epoch, just before a request is made, and returns it. */
  long advance() {
    return epochs.advance();
  }

  /** Begins an epoch, just before the source is asked, and returns it. */
  long advanceToLoad() {
    loading = true;
    return advance();
  }

  /** Whether the source has been asked: what it says may be some time away, and will come. */
  boolean isLoading() {
    return loading;
  }

  /**
   * Why a caller whose time is up has not got an answer: no thread was free to fly, or what is
   * under way takes too long.
   *
   * @param obstacle to end the message
   */
  DeadlineExceededException late(SlotKey slotKey, Duration limit, String obstacle) {
    if (!begun) {
      return noThread(slotKey, limit, obstacle);
    }
    String how =
        loading
            ? "; the load goes on"
            : "; the load goes on, and has not come as far as to ask the source";
    return new DeadlineExceededException(
        slotKey, "not loaded within " + limit + how + obstacle, null);
  }

  /** Says that the flight did not begin in time, and what kept it. */
  DeadlineExceededException noThread(SlotKey slotKey, Duration limit, String obstacle) {
    return DeadlineExceededException.noThread(slotKey, "load", limit, executor, obstacle);
  }

  /** Ends the flight well, unless it has ended already. */
  void land(Landing<V> found) {
    if (landing.complete(found)) {
      takeWaiting().forEach(one -> one.complete(found));
    }
  }

  /** Ends the flight with an error for everyone who waits, unless it has ended already. */
  void fail(Throwable failure) {
    if (landing.completeExceptionally(failure)) {
      takeWaiting().forEach(one -> one.completeExceptionally(failure));
    }
  }

  /** Starts to fly on another thread. */
  void takeOff(Runnable load, Executor executor) {
    FutureTask<?> started =
        new FutureTask<>(
            () -> {
              begun = true;
              load.run();
            },
            null);
    task = started;
    this.executor = executor;
    executor.execute(started);
  }

  /**
   * Ends the flight with an error, unless it has ended already, and interrupts whoever flies it.
   */
  void cancel(Throwable failure) {
    fail(failure);
    FutureTask<?> started = task;
    if (started != null) {
      started.cancel(true);
    }
  }

  /** Whether the flight has ended. */
  boolean hasEnded() {
    return landing.isDone();
  }

  /**
   * Waits for the end of the flight.
   *
   * @throws TimeoutException if the deadline passes first; the flight goes on
   * @throws InterruptedException if the thread is interrupted; likewise
   * @throws ExecutionException if the flight failed
   */
  Landing<V> await(Deadline deadline)
      throws InterruptedException, ExecutionException, TimeoutException {
    return deadline.await(landing);
  }

  /**
   * Waits for the end of the flight without a thread.
   *
   * @return a future of the caller's own, which fails with what the flight failed with. Who waits
   *     no longer ends it, and is forgotten
   */
  CompletableFuture<Landing<V>> landing() {
    CompletableFuture<Landing<V>> mine = new CompletableFuture<>();
    long number;
    synchronized (waiting) {
      number = waitingEver++;
      waiting.put(number, mine);
    }
    CompletableFuture<?> unused = mine.whenComplete((found, failure) -> forget(number));
    if (hasEnded()) {
      unused =
          landing.whenComplete(
              (found, failure) -> {
                if (failure == null) {
                  mine.complete(found);
                } else {
                  mine.completeExceptionally(failure);
                }
              });
    }
    return mine;
  }

  /** How many wait without a thread. */
  int waiting() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  private void forget(long number) {
    synchronized (waiting) {
      waiting.remove(number);
    }
  }

  private List<CompletableFuture<Landing<V>>> takeWaiting() {
    synchronized (waiting) {
      List<CompletableFuture<Landing<V>>> taken = List.copyOf(waiting.values());
      waiting.clear();
      return taken;
    }
  }
}
