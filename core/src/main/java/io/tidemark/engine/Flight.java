package io.tidemark.engine;

import io.tidemark.DeadlineExceededException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.TaskLimit;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one load of a key under way in this process, and those who wait for it.
 *
 * <p>Whoever waits must not be handed what was read before their call began: in between, a write
 * may have returned whose row they must see. Callers join at any time, so it must be known whose
 * call came before a read and whose after it. {@link EpochCounter} counts: a new epoch begins just
 * before each request whose answer may become the callers' answer; a call notes the epoch that it
 * begins in; and the answer carries the epoch that its request began. A call of a lower epoch began
 * before that request was made, and may have the answer. Any other looks at the slot again.
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
 * <p>A flight leaves the map of {@link Flights} before it ends, so that whoever finds it there can
 * still wait for its end. It ends whatever happens: its {@link Watch} calls it off where no thread
 * comes for it, and gives it up where its thread does not come back. What that thread brings after
 * all, nobody takes any more.
 *
 * <p>Thread-safe.
 *
 * @param <V> the type of the value
 */
final class Flight<V> {
  private final EpochCounter epochs;
  private final Consumer<Flight<V>> leave;
  private final CompletableFuture<Landing<V>> landing = new CompletableFuture<>();

  /** Those who wait without a thread, by the order they came in; who waits no more is not kept. */
  private final Map<Long, CompletableFuture<Landing<V>>> waiting = new LinkedHashMap<>();

  private long waitingEver;

  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.QUEUED);

  private volatile @Nullable Watch watch;
  private volatile @Nullable FutureTask<?> task;
  private volatile TaskLimit.@Nullable Place place;
  private volatile @Nullable TaskLimit limit;

  /** How busy the limit was when the flight was called off. */
  private volatile @Nullable String busy;

  private volatile @Nullable Thread flyer;
  private volatile boolean loading;
  private volatile boolean inSource;
  private volatile boolean inReplica;

  /** What has become of the thread that flies, apart from what the flight has brought. */
  private enum Stage {
    /** No thread has come yet. */
    QUEUED,
    /** It is at work. */
    FLYING,
    /** None will come any more. */
    CALLED_OFF,
    /** It has done its work. */
    OVER,
    /** It is at work for nobody: the flight was given up, which is being told. */
    GIVEN_UP,
    /** The same, once it is told. */
    HUNG,
    /** It has come back from a flight that was given up. */
    BACK
  }

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
   * Makes a flight that nobody waits for yet.
   *
   * @param leave takes it out of the map; called before it ends, more than once
   */
  Flight(EpochCounter epochs, Consumer<Flight<V>> leave) {
    this.epochs = epochs;
    this.leave = leave;
  }

  /** Begins an epoch, just before a request is made, and returns it. */
  long advance() {
    return epochs.advance();
  }

  /** Begins an epoch, just before the source is asked, and returns it. */
  long advanceToLoad() {
    loading = true;
    inSource = true;
    return advance();
  }

  /** Begins an epoch likewise, just before a replica is asked. */
  long advanceToReplica() {
    inReplica = true;
    return advanceToLoad();
  }

  /** Says that the source, or the replica, has answered. */
  void backFromSource() {
    inSource = false;
    inReplica = false;
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
    Stage now = stage.get();
    if (now == Stage.QUEUED || now == Stage.CALLED_OFF) {
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
    String now = Failures.textOf(this.limit);
    // Asked after that: it is known before the flight's place is free.
    String then = busy;
    return NoThread.inTime(slotKey, "load", limit, then == null ? now : then, obstacle);
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
  void fail(Throwable failure) {
    leave.accept(this);
    if (landing.completeExceptionally(failure)) {
      takeWaiting().forEach(one -> one.completeExceptionally(failure));
    }
  }

  /**
   * Starts to fly on another thread.
   *
   * @param watch looks after the flight until that thread has done its work
   */
  void takeOff(Runnable load, TaskLimit limit, Watch watch) {
    FutureTask<?> started = new FutureTask<>(() -> fly(load, watch), null);
    this.task = started;
    this.limit = limit;
    this.watch = watch;
    watch.begin();
    place = limit.start(started);
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, those who wait must hear of it.
  private void fly(Runnable load, Watch watch) {
    flyer = Thread.currentThread();
    try {
      watch.beginFlight();
    } catch (Throwable t) {
      boolean unused = callOff(t);
      return;
    }
    if (!stage.compareAndSet(Stage.QUEUED, Stage.FLYING)) {
      return;
    }
    try {
      load.run();
      leave.accept(this);
    } catch (Throwable t) {
      fail(t);
    }
    if (stage.compareAndSet(Stage.FLYING, Stage.OVER)) {
      watch.end();
    } else if (stage.getAndSet(Stage.BACK) == Stage.HUNG) {
      watch.tellOfReturn();
    }
  }

  /**
   * Says that an attempt to load begins, which has the bound of a load.
   *
   * @param lock is given back where the flight is given up; null if there is none
   */
  void beginAttempt(@Nullable LockHandle lock) {
    Watch mine = watch;
    if (mine != null) {
      mine.boundLoad(lock);
    }
  }

  /** Says that an attempt is over; there may be another. */
  void endAttempt() {
    Watch mine = watch;
    if (mine != null) {
      mine.boundFlight();
    }
  }

  /** Ends the flight if its time is up, in case that its timer was lost. */
  void lookAfter() {
    Watch mine = watch;
    if (mine != null) {
      mine.lookIfLate();
    }
  }

  /** Whether no thread has come for it yet. */
  boolean isQueued() {
    return stage.get() == Stage.QUEUED;
  }

  /** Whether its thread is at work. */
  boolean isFlying() {
    return stage.get() == Stage.FLYING;
  }

  /** Whether it is a replica that is asked. */
  boolean isInReplica() {
    return inReplica;
  }

  /** Whether its thread is with the source, or a replica, now. */
  boolean isInSource() {
    return inSource;
  }

  /** The thread that flies, for people. */
  String flyer() {
    Thread thread = flyer;
    return thread == null ? "none" : thread.getName();
  }

  /**
   * Ends the flight with an error, unless it has ended already, if no thread has come for it; none
   * will any more.
   *
   * @return whether that is so
   */
  boolean callOff(Throwable failure) {
    if (!stage.compareAndSet(Stage.QUEUED, Stage.CALLED_OFF)) {
      return false;
    }
    // Before its place is free, and the limit less busy.
    busy = Failures.textOf(limit);
    fail(failure);
    givePlaceUp();
    Watch mine = watch;
    if (mine != null) {
      mine.end();
    }
    return true;
  }

  /**
   * Gives the flight up, if its thread is still at work. Then it is to be ended, that is to be
   * told, and {@link #toldOfGivingUp} to be called.
   *
   * @return whether that is so
   */
  boolean beginGivingUp() {
    return stage.compareAndSet(Stage.FLYING, Stage.GIVEN_UP);
  }

  /** Interrupts the thread of a flight that was given up. */
  void interrupt() {
    FutureTask<?> started = task;
    if (started != null) {
      started.cancel(true);
    }
  }

  /** Returns whether the thread of a flight that was given up has come back already. */
  boolean toldOfGivingUp() {
    return !stage.compareAndSet(Stage.GIVEN_UP, Stage.HUNG);
  }

  /** Lets another task have the place of this one in the limit of its kind. */
  void givePlaceUp() {
    TaskLimit.Place mine = place;
    if (mine != null) {
      mine.giveUp();
    }
  }

  /**
   * Ends the flight with an error, unless it has ended already, and interrupts whoever flies it.
   */
  void cancel(Throwable failure) {
    if (!callOff(failure)) {
      fail(failure);
      interrupt();
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
