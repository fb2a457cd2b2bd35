package io.tidemark.engine;

import io.tidemark.DeadlineExceededException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one load of a key under way in this process, as its callers know it: where they wait, and
 * what they are answered.
 *
 * <p>A caller must not be handed what was read before its call began: in between, a write may have
 * returned whose row it must see. Callers join at any time, so it must be known which calls came
 * before a read and which after it. {@link EpochCounter} counts: a new epoch begins just before
 * each request whose answer may become the callers' answer; a call notes the epoch that it begins
 * in; and the answer carries the epoch that its request began. A call of a lower epoch began before
 * that request was made, and may have the answer. Any other looks at the slot again.
 *
 * <p>The request that counts is:
 *
 * <ul>
 *   <li>for a hit, the read of the slot: it was the entry after the call began;
 *   <li>for a row that the store accepted, the fill: the claim was unbroken then, so no write came
 *       between the load and the fill, and callers who came during the load may have the row too;
 *   <li>for a row that the store did not accept, the read of the source.
 * </ul>
 *
 * <p>Epochs belong to the cache and not to a flight, so that a call may change flights: when one
 * has failed, all who waited for it share the next, whenever they join that.
 *
 * <p>A flight leaves the map of {@link Flights} before it ends, so that a caller that finds it
 * there can still wait for its end. It ends whatever happens: its {@link LoadRun} is called off
 * where no thread comes for it, and given up where its thread does not return. What that thread
 * brings after all is ignored.
 *
 * <p>Thread-safe.
 *
 * @param <V> the type of the value
 */
final class Flight<V> implements LoadRun.Owner, Asker {
  private final Consumer<Flight<V>> leave;
  private final CompletableFuture<Landing<V>> landing = new CompletableFuture<>();

  /** Those who wait without a thread, in the order they came in; without those who left. */
  private final Map<Long, CompletableFuture<Landing<V>>> waiting = new LinkedHashMap<>();

  private long waitingEver;

  private volatile LoadRun run;

  /** Whether the run is one of many flights. */
  private boolean isShared;

  /** Whether a load waits for this flight, which may be what the load of many waits for. */
  private boolean isWanted;

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
      // Safeguard FLIGHT_EPOCHS: before a later call, a write may have returned that it must see.
      return epoch < landing.epoch();
    }
  }

  /**
   * A flight that nobody waits for yet.
   *
   * @param leave takes it out of the map; called before it ends, more than once
   */
  Flight(Consumer<Flight<V>> leave) {
    this.leave = leave;
    this.run = new LoadRun(this);
  }

  /**
   * Has the load of many flights, of which this is to be one, bring its landing.
   *
   * @return whether it was to be let go before, which the load was not told
   */
  synchronized boolean join(LoadRun shared) {
    run = shared;
    isShared = true;
    return isWanted;
  }

  /** Leaves the load of many flights for one of its own, which has yet to be started. */
  synchronized void leaveShared() {
    run = new LoadRun(this);
    isShared = false;
  }

  /** Why a flight failed, as it is thrown to a caller; an error is thrown here. */
  static RuntimeException unchecked(SlotKey slotKey, Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof RuntimeException exception
        ? exception
        : new UnavailableException(slotKey, "the load was interrupted", failure);
  }

  /** Ends the flight well, unless it has ended already. */
  void land(Landing<V> found) {
    // Safeguard LEAVE_BEFORE_END: a late caller must not find a flight again that has ended.
    leave.accept(this);
    if (landing.complete(found)) {
      takeWaiting().forEach(one -> one.complete(found));
    }
  }

  /** Ends the flight with an error for everyone who waits, unless it has ended already. */
  @Override
  public void fail(Throwable failure) {
    leave.accept(this);
    if (landing.completeExceptionally(failure)) {
      takeWaiting().forEach(one -> one.completeExceptionally(failure));
    }
  }

  @Override
  public void over() {
    leave.accept(this);
  }

  /** Has the key loaded by itself, if it is one of many that their load is not busy with. */
  @Override
  public void letGo(SlotKey key) {
    LoadRun shared;
    synchronized (this) {
      isWanted = true;
      if (!isShared) {
        return;
      }
      shared = run;
    }
    shared.letGo(key);
  }

  /** The run of its load. */
  LoadRun run() {
    return run;
  }

  @Override
  public void askingSource() {
    run.askingSource();
  }

  @Override
  public void askingReplica() {
    run.askingReplica();
  }

  @Override
  public void answered() {
    run.answered();
  }

  /** As {@link LoadRun#beginAttempt}. */
  void beginAttempt(@Nullable LockHandle lock) {
    run.beginAttempt(lock);
  }

  /** As {@link LoadRun#endAttempt}. */
  void endAttempt() {
    run.endAttempt();
  }

  /** As {@link LoadRun#noThread}. */
  DeadlineExceededException noThread(SlotKey slotKey, Duration limit, String obstacle) {
    return run.noThread(slotKey, limit, obstacle);
  }

  /** Whether the flight has ended. */
  @Override
  public boolean hasEnded() {
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
   * @return a future of the caller's own, which fails with what the flight failed with. Completing
   *     it ends this wait alone
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
