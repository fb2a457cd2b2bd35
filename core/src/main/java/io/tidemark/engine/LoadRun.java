package io.tidemark.engine;

import io.tidemark.DeadlineExceededException;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.TaskLimit;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One load on a thread of the cache: whether a thread has come for it, whether that is at work or
 * was given up, and how far the load has come. It knows nothing of what the load finds. Its {@link
 * Supervisor} calls it off where no thread comes, and gives it up where its thread does not return.
 * Thread-safe.
 */
final class LoadRun implements Asker {
  private final Owner owner;
  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.QUEUED);
  private volatile Progress progress = Progress.BEFORE_SOURCE;
  private volatile @Nullable Start start;
  private volatile TaskLimit.@Nullable Place place;
  private volatile @Nullable Thread thread;

  /** How busy the limit was when the run was called off. */
  private volatile @Nullable String busy;

  /** What has become of the thread of a run, apart from what its load has found. */
  private enum Stage {
    /** No thread has come yet. */
    QUEUED,
    /** It is at work. */
    AT_WORK,
    /** None will come any more. */
    CALLED_OFF,
    /** It has done its work. */
    OVER,
    /** It is at work for nobody: the run was given up, which is being told. */
    GIVEN_UP,
    /** The same, once it is told. */
    HUNG,
    /** It has come back from a run that was given up. */
    BACK
  }

  /** How far a load has come. */
  private enum Progress {
    BEFORE_SOURCE,
    IN_SOURCE,
    IN_REPLICA,
    AFTER_SOURCE
  }

  /** What a load is run for. */
  interface Owner {
    /** The load was run to its end. */
    void over();

    /** The load brings nothing, for this reason; ignored by an owner that has ended. */
    void fail(Throwable failure);

    /** The load was given up in the middle, for this reason; likewise. */
    default void giveUp(Throwable failure) {
      fail(failure);
    }

    /** Another load waits for this key; this one may be waiting for that. */
    default void letGo(SlotKey key) {}

    /** Whether nobody waits for what the load brings. */
    boolean hasEnded();

    /** Whether the load is one of a single key. */
    default boolean hasOneKey() {
      return true;
    }
  }

  /** What ends a run that takes too long. */
  interface Supervisor {
    /**
     * Begins to look after the run.
     *
     * @throws io.tidemark.UnavailableException if there is no timer
     */
    void begin();

    /** Ends the run if its time is up, in case its timer was lost. */
    void lookIfLate();

    /** Stops looking after the run. */
    void end();

    /** The thread of a run that was given up, which was told, has come back. */
    void tellOfReturn();
  }

  private record Start(
      FutureTask<?> task, TaskLimit limit, TimeBound bound, Supervisor supervisor) {}

  LoadRun(Owner owner) {
    this.owner = owner;
  }

  /**
   * Runs a load on another thread.
   *
   * @param limit has the thread
   * @param bound says when the load must be over
   * @param supervisor looks after the run until its thread has done its work
   */
  void start(Runnable load, TaskLimit limit, TimeBound bound, Supervisor supervisor) {
    FutureTask<?> task = new FutureTask<>(() -> run(load, bound, supervisor), null);
    start = new Start(task, limit, bound, supervisor);
    supervisor.begin();
    place = limit.start(task);
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, those who wait must hear of it.
  private void run(Runnable load, TimeBound bound, Supervisor supervisor) {
    thread = Thread.currentThread();
    try {
      bound.beginRun();
    } catch (Throwable t) {
      boolean unused = callOff(t);
      return;
    }
    if (!stage.compareAndSet(Stage.QUEUED, Stage.AT_WORK)) {
      return;
    }
    try {
      load.run();
      owner.over();
    } catch (Throwable t) {
      owner.fail(t);
    }
    if (stage.compareAndSet(Stage.AT_WORK, Stage.OVER)) {
      supervisor.end();
    } else if (stage.getAndSet(Stage.BACK) == Stage.HUNG) {
      supervisor.tellOfReturn();
    }
  }

  /**
   * An attempt to load begins, which has a bound of its own.
   *
   * @param lock is released if the run is given up; null if the attempt needs none
   */
  void beginAttempt(@Nullable LockHandle lock) {
    Start started = start;
    if (started != null) {
      started.bound().beginAttempt(lock);
    }
  }

  /** The attempt is over; there may be another. */
  void endAttempt() {
    Start started = start;
    if (started != null) {
      started.bound().endAttempt();
    }
  }

  @Override
  public void askingSource() {
    progress = Progress.IN_SOURCE;
  }

  @Override
  public void askingReplica() {
    progress = Progress.IN_REPLICA;
  }

  @Override
  public void answered() {
    progress = Progress.AFTER_SOURCE;
  }

  @Override
  public boolean hasEnded() {
    return owner.hasEnded();
  }

  /** Has a key loaded by itself that this run has not come to yet. */
  void letGo(SlotKey key) {
    owner.letGo(key);
  }

  /** Whether it loads a single key, so that a failure is one of that key. */
  boolean hasOneKey() {
    return owner.hasOneKey();
  }

  /** Whether the source or a replica was asked: the answer may take time, and will come. */
  boolean isLoading() {
    return progress != Progress.BEFORE_SOURCE;
  }

  /** Whether the thread is with the source, or a replica, now. */
  boolean isInSource() {
    Progress now = progress;
    return now == Progress.IN_SOURCE || now == Progress.IN_REPLICA;
  }

  /** Whether it is a replica that is asked. */
  boolean isInReplica() {
    return progress == Progress.IN_REPLICA;
  }

  /** Whether no thread has come yet. */
  boolean isQueued() {
    return stage.get() == Stage.QUEUED;
  }

  /** Whether the thread is at work. */
  boolean isAtWork() {
    return stage.get() == Stage.AT_WORK;
  }

  /** The name of the thread, for people. */
  String threadName() {
    Thread mine = thread;
    return mine == null ? "none" : mine.getName();
  }

  /**
   * Why a caller whose time is up has no answer: no thread was free, or the load takes too long.
   *
   * @param obstacle ends the message
   */
  DeadlineExceededException late(SlotKey slotKey, Duration limit, String obstacle) {
    Stage now = stage.get();
    if (now == Stage.QUEUED || now == Stage.CALLED_OFF) {
      return noThread(slotKey, limit, obstacle);
    }
    String how =
        isLoading()
            ? "; the load goes on"
            : "; the load goes on, and has not come as far as to ask the source";
    return new DeadlineExceededException(
        slotKey, "not loaded within " + limit + how + obstacle, null);
  }

  /** Says that the load did not begin in time, and how busy its threads were. */
  DeadlineExceededException noThread(SlotKey slotKey, Duration limit, String obstacle) {
    String now = busyNow();
    // Asked after that: it is known before the run's place is free.
    String then = busy;
    return NoThread.inTime(slotKey, "load", limit, then == null ? now : then, obstacle);
  }

  private String busyNow() {
    Start started = start;
    return Failures.textOf(started == null ? null : started.limit());
  }

  /** Ends the run if its time is up, in case its timer was lost. */
  void lookIfLate() {
    Start started = start;
    if (started != null) {
      started.supervisor().lookIfLate();
    }
  }

  /**
   * Fails the owner, if no thread has come; none will any more.
   *
   * @return whether that is so
   */
  boolean callOff(Throwable failure) {
    if (!stage.compareAndSet(Stage.QUEUED, Stage.CALLED_OFF)) {
      return false;
    }
    // Before its place is free, and the limit less busy.
    busy = busyNow();
    owner.fail(failure);
    givePlaceUp();
    Start started = start;
    if (started != null) {
      started.supervisor().end();
    }
    return true;
  }

  /** Fails the owner, and interrupts the thread if one is at work. */
  void cancel(Throwable failure) {
    if (!callOff(failure)) {
      owner.fail(failure);
      interrupt();
    }
  }

  /**
   * Gives the run up, if its thread is still at work. Then its owner is to be failed, that is to be
   * told, and {@link #toldOfGivingUp} to be called.
   *
   * @return whether that is so
   */
  boolean beginGivingUp() {
    return stage.compareAndSet(Stage.AT_WORK, Stage.GIVEN_UP);
  }

  /** Fails the owner of a run that was given up. */
  void failOwner(Throwable failure) {
    owner.giveUp(failure);
  }

  /** Lets another load have the place of this one in its limit. */
  void givePlaceUp() {
    TaskLimit.Place mine = place;
    if (mine != null) {
      mine.giveUp();
    }
  }

  /** Interrupts the thread of a run that was given up. */
  void interrupt() {
    Start started = start;
    if (started != null) {
      started.task().cancel(true);
    }
  }

  /** Returns whether the thread of a run that was given up has come back already. */
  boolean toldOfGivingUp() {
    return !stage.compareAndSet(Stage.GIVEN_UP, Stage.HUNG);
  }
}
