package io.tidemark.demo.live;

import io.tidemark.demo.http.RefusedRequestException;
import java.io.IOException;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The act under way, of which there is one at a time. How it is can be asked without a lock. */
final class Acts {
  /** So that a seed can be told over the telephone. */
  private static final int MOST_SEED = 10_000;

  private final LiveFleet fleet;
  private final Caller caller;
  private final Random seeds = new Random();
  private @Nullable BrokenWrite act;
  private int played;
  private volatile Events.@Nullable ActView view;

  Acts(LiveFleet fleet, Caller caller) {
    this.fleet = fleet;
    this.caller = caller;
  }

  /** The act that was begun last; null if there is none, or it was ended. */
  Events.@Nullable ActView view() {
    return view;
  }

  /**
   * Takes the next step of an act, and begins it if it is not under way.
   *
   * @param seed for an act that begins; empty draws one
   * @return what was done, in words
   * @throws RefusedRequestException 409 if another act is under way
   */
  synchronized String next(BrokenWrite.Kind kind, Optional<Long> seed) throws Exception {
    BrokenWrite current = act;
    if (current == null || current.isOver()) {
      current =
          new BrokenWrite(
              fleet, caller, kind, seed.orElseGet(() -> (long) seeds.nextInt(MOST_SEED)), played++);
      act = current;
    } else if (current.kind() != kind) {
      throw new RefusedRequestException(409, "another act is under way; end it first");
    }
    try {
      current.next();
    } catch (Exception e) {
      endAfter(e);
      throw e;
    }
    view = current.view();
    return current.lastStep();
  }

  private void endAfter(Exception failure) {
    try {
      end();
    } catch (IOException | InterruptedException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** Ends the act under way before its end. Does nothing if there is none. */
  synchronized void end() throws IOException, InterruptedException {
    BrokenWrite current = act;
    act = null;
    view = null;
    if (current != null && !current.isOver()) {
      current.end();
    }
  }
}
