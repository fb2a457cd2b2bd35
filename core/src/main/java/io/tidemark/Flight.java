package io.tidemark;

import io.tidemark.spi.Deadline;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The one load of a key under way in this process, and those who wait for it.
 *
 * <p>Whoever waits must not be handed what was read before their call began: in between, a write
 * may have returned whose row they must see. Callers join at any time, so a flight has to know who
 * came before a read and who came after it. It counts. Its epoch begins at 0 and is advanced just
 * before each request whose answer may become the callers' answer; a caller notes the epoch when it
 * joins; and the answer carries the epoch that its request began. A caller whose epoch is lower
 * joined before that request was made, and may have the answer. Any other looks at the slot again.
 *
 * <p>The request that counts is:
 *
 * <ul>
 *   <li>for a hit, the read of the slot: it was the entry after the call began;
 *   <li>for a row that the store accepted, the fill: the claim was unbroken then, so no write came
 *       between the load and the fill, and who joined during the load may have the row too;
 *   <li>for a row that the store did not accept, the read of the source.
 * </ul>
 *
 * <p>Thread-safe. The epoch is advanced before a request is sent and read after a call began, with
 * the order of volatiles: who reads the lower number began its call before the request was sent.
 *
 * @param <V> the type of the value
 */
final class Flight<V> {
  private final AtomicInteger epoch = new AtomicInteger();
  private final CompletableFuture<Landing<V>> landing = new CompletableFuture<>();

  /** Those who wait without a thread, by the order they came in; who waits no more is not kept. */
  private final Map<Long, CompletableFuture<Landing<V>>> waiting = new LinkedHashMap<>();

  private long waitingEver;

  private volatile @Nullable FutureTask<?> task;
  private volatile boolean loading;

  /**
   * How a flight ended well.
   *
   * @param answer what it found
   * @param epoch the epoch that began with the request it was found by
   */
  record Landing<V>(Answer<V> answer, int epoch) {}

  /**
   * One caller's place on a flight.
   *
   * @param flight the flight
   * @param epoch its epoch when the caller joined
   */
  record Seat<V>(Flight<V> flight, int epoch) {

    /** Whether the caller may have what the flight found. */
    boolean mayHave(Landing<V> landing) {
      return epoch < landing.epoch();
    }
  }

  /** The seat of whoever starts the flight, taken before it can advance. */
  Seat<V> firstSeat() {
    return new Seat<>(this, 0);
  }

  /** A seat from this moment on. */
  Seat<V> join() {
    return new Seat<>(this, epoch.get());
  }

  /** Begins an epoch, just before a request is made, and returns it. */
  int advance() {
    return epoch.incrementAndGet();
  }

  /** Begins an epoch, just before the source is asked, and returns it. */
  int advanceToLoad() {
    loading = true;
    return advance();
  }

  /** Whether the source has been asked: what it says may be some time away, and will come. */
  boolean isLoading() {
    return loading;
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
    FutureTask<?> started = new FutureTask<>(load, null);
    task = started;
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
