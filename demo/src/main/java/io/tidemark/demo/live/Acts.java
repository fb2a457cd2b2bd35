package io.tidemark.demo.live;

import io.tidemark.demo.http.RefusedRequestException;
import java.io.IOException;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The act under way, of which there is one at a time. A step may take long; how the act is can be
 * asked meanwhile, and it can be ended. Thread-safe.
 */
final class Acts {
  /** So that a seed can be told over the telephone. */
  private static final int MOST_SEED = 10_000;

  private final LiveFleet fleet;
  private final Caller caller;
  private final Runnable listener;
  private final Runnable noticeDeaths;
  private final Random seeds = new Random();
  private @Nullable BrokenWrite act;

  /** The thread that takes a step; null between steps. */
  private @Nullable Thread stepping;

  private int played;
  private volatile Events.@Nullable ActView view;

  /**
   * There is no act yet.
   *
   * @param listener is called after each change of {@link #view}
   * @param noticeDeaths looks for nodes that have died, which may be why a step failed
   */
  Acts(LiveFleet fleet, Caller caller, Runnable listener, Runnable noticeDeaths) {
    this.fleet = fleet;
    this.caller = caller;
    this.listener = listener;
    this.noticeDeaths = noticeDeaths;
  }

  /**
   * The act that was begun last, which is over if its last step was taken or a step failed; null if
   * there is none, or it was ended. Takes no lock.
   */
  Events.@Nullable ActView view() {
    return view;
  }

  /**
   * Takes the next step of an act, and begins it if it is not under way. A step that fails ends the
   * act.
   *
   * @param step which one is meant, from 1; empty takes whichever is next
   * @param seed for an act that begins; empty draws one
   * @return what was done, in words
   * @throws RefusedRequestException 409 if another act is under way, if it is not that step's turn,
   *     if a step is being taken, or if the act was ended meanwhile
   */
  String next(BrokenWrite.Kind kind, Optional<Integer> step, Optional<Long> seed) throws Exception {
    BrokenWrite current = begin(kind, step, seed);
    try {
      return take(current);
    } finally {
      leave();
    }
  }

  private String take(BrokenWrite current) throws Exception {
    try {
      current.next();
    } catch (Exception e) {
      noticeDeaths.run();
      if (fail(current, e)) {
        end(current, e);
        throw e;
      }
      // Whoever ended the act has interrupted the step.
    }
    return finish(current);
  }

  private synchronized BrokenWrite begin(
      BrokenWrite.Kind kind, Optional<Integer> step, Optional<Long> seed) {
    if (stepping != null) {
      throw new RefusedRequestException(409, "a step is being taken; wait until it is done");
    }
    BrokenWrite current = act;
    if (current == null || current.isOver()) {
      checkTurn(step, 1);
      current =
          new BrokenWrite(
              fleet, caller, kind, seed.orElseGet(() -> (long) seeds.nextInt(MOST_SEED)), played++);
      act = current;
    } else if (current.kind() != kind) {
      throw new RefusedRequestException(409, "another act is under way; end it first");
    } else {
      checkTurn(step, current.taken() + 1);
    }
    stepping = Thread.currentThread();
    show(current.view(true));
    return current;
  }

  private static void checkTurn(Optional<Integer> step, int turn) {
    if (step.isPresent() && step.get() != turn) {
      throw new RefusedRequestException(
          409, "step is %d; it must be %d, which is the next one".formatted(step.get(), turn));
    }
  }

  private synchronized String finish(BrokenWrite current) {
    if (act != current) {
      throw new RefusedRequestException(409, "the act was ended before its step was done");
    }
    show(current.view(false));
    return current.lastStep();
  }

  /** Notes that a step failed, unless somebody else has ended the act, and tells whether. */
  private synchronized boolean fail(BrokenWrite current, Exception failure) {
    if (act != current) {
      return false;
    }
    current.fail(String.valueOf(failure.getMessage()));
    show(current.view(false));
    return true;
  }

  private void show(Events.@Nullable ActView next) {
    view = next;
    listener.run();
  }

  private static void end(BrokenWrite failed, Exception failure) {
    try {
      failed.end();
    } catch (IOException | InterruptedException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private synchronized void leave() {
    stepping = null;
    // An end may have come too late to interrupt the step.
    boolean unused = Thread.interrupted();
    notifyAll();
  }

  /** Tells the act under way that somebody has changed what it relies on. */
  synchronized void disturb(String what) {
    BrokenWrite current = act;
    if (current != null && !current.isOver()) {
      current.disturb(what);
      show(current.view(stepping != null));
    }
  }

  /** Does so if the act is about that product. */
  synchronized void disturb(long product, String what) {
    if (act != null && act.product() == product) {
      disturb(what);
    }
  }

  /** Ends the act under way before its end, and its step with it. Does nothing if there is none. */
  synchronized void end() throws IOException, InterruptedException {
    BrokenWrite current = act;
    act = null;
    show(null);
    // What comes after a step that failed must not be cut short.
    if (current != null && !current.isOver() && stepping != null) {
      stepping.interrupt();
    }
    while (stepping != null) {
      wait();
    }
    if (current != null && !current.isOver()) {
      current.end();
    }
  }
}
