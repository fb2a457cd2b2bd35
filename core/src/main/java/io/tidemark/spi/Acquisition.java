package io.tidemark.spi;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * One attempt to acquire a lock, for providers whose client may block for longer than a caller
 * waits. The attempt runs apart from the caller, on another thread or as a request that is answered
 * later. The caller leaves at its deadline or when it is interrupted, and the attempt goes on.
 * Thread-safe; single-use.
 *
 * <p>The attempt is answered once, by {@link #acquired}, {@link #held}, {@link #failed} or {@link
 * #giveUp}: the first answer counts. A lock that is acquired after another answer has no holder,
 * and is released at once.
 */
public final class Acquisition {
  private final LockHandle handle;
  private final CompletableFuture<LockAttempt> answer = new CompletableFuture<>();

  /**
   * An attempt that has no answer yet.
   *
   * @param handle the holding, if the attempt succeeds. It may be closed before that: then it
   *     releases the lock as soon as the attempt acquires it, or does not begin the attempt
   */
  public Acquisition(LockHandle handle) {
    this.handle = handle;
  }

  /**
   * Waits for the answer. A caller that leaves before the answer closes the handle, also if it
   * leaves because the clock of its deadline fails.
   *
   * @throws ExecutionException if the attempt failed or was given up; the cause says why
   * @throws TimeoutException if the deadline passed first
   * @throws InterruptedException if the thread is interrupted before or meanwhile
   */
  public LockAttempt await(Deadline deadline)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return deadline.await(answer);
    } catch (ExecutionException e) {
      throw e;
    } catch (Throwable t) {
      giveUp(t);
      throw t;
    }
  }

  /** Answers that the lock is acquired. Closes the handle if the answer was given already. */
  public void acquired() {
    if (!answer.complete(new LockAttempt.Acquired(handle))) {
      handle.close();
    }
  }

  /** Answers that somebody else holds the lock. Does nothing if the answer was given already. */
  public void held(LockAttempt.Holder holder) {
    answer.complete(new LockAttempt.Held(holder));
  }

  /**
   * Answers that the attempt failed, or that its outcome will not be known. Does nothing if the
   * answer was given already.
   */
  public void failed(Throwable failure) {
    answer.completeExceptionally(failure);
  }

  /**
   * Ends the attempt or the holding, whichever it is: answers that the attempt failed unless the
   * answer was given already, and closes the handle in any case.
   */
  public void giveUp(Throwable reason) {
    failed(reason);
    handle.close();
  }
}
