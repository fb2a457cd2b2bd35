package io.tidemark.redis;

import io.tidemark.UnavailableException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Lets callers wait for holders. All callers that wait for one holding share a watch, with one
 * request and one timer. Thread-safe.
 *
 * <p>A watch ends when a message says that the holding was released, or when a look at the server
 * finds it gone. While messages are received, a watch looks when it begins, because the message may
 * have come before; when the holder's life should be over, because a crashed holder sends no
 * message; and rarely in between, because a holder may not be allowed to publish, or its lock may
 * be evicted. Without messages, a watch looks repeatedly, after growing pauses of random length.
 */
final class Watches implements AutoCloseable {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(10);

  /** Between two looks while messages are received; the longest pause if that is longer. */
  private static final Duration SILENCE = Duration.ofSeconds(1);

  /** A broken connection does not count: the look is repeated on a new one before it fails. */
  private static final int MOST_FAILED_LOOKS = 3;

  private final LeaseService service;
  private final Duration longestPause;
  private final ScheduledExecutorService timer;
  private final ConcurrentMap<String, Watch> watches = new ConcurrentHashMap<>();
  private final @Nullable ReleaseMessages messages;
  private volatile boolean closed;

  /**
   * Watches of the holdings of a service.
   *
   * @param longestPause between two looks without messages
   * @param messages tells of released holdings; null for no messages
   */
  Watches(
      LeaseService service,
      Duration longestPause,
      ScheduledExecutorService timer,
      @Nullable ReleaseMessages messages) {
    this.service = service;
    this.longestPause = longestPause;
    this.timer = timer;
    this.messages = messages;
  }

  /** Returns a holder that waits for the holding that an attempt met. */
  LockAttempt.Holder holder(SlotKey key, LockOwner owner) {
    return new LockAttempt.Holder() {
      @Override
      public boolean awaitGone(Deadline deadline) throws InterruptedException {
        return Watches.this.awaitGone(key, owner.token(), deadline);
      }

      @Override
      public Optional<String> who() {
        return owner.who();
      }
    };
  }

  private boolean awaitGone(SlotKey key, String token, Deadline deadline)
      throws InterruptedException {
    Watch watch =
        Objects.requireNonNull(
            watches.compute(
                token,
                (ignored, current) -> (current == null ? new Watch(key, token) : current).join()));
    try {
      watch.start();
      deadline.await(watch.gone);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new UnavailableException(key, "the state of the holder is unknown", e.getCause());
    } finally {
      leave(token, watch);
    }
  }

  private void leave(String token, Watch watch) {
    Watch remaining =
        watches.computeIfPresent(
            token, (ignored, current) -> current == watch ? current.leave() : current);
    // Outside the map's lock of the token, which must be the last to be acquired.
    if (remaining == null) {
      watch.stop();
    }
  }

  @Override
  public void close() {
    closed = true;
    if (messages != null) {
      messages.close();
    }
    watches.values().forEach(watch -> watch.fail(LockRequests.closed()));
  }

  private boolean areEndsTold() {
    return messages != null && messages.areHeard();
  }

  /** Twice the last pause, up to the longest, cut by up to a half at random. */
  private long pauseNanos(int looks) {
    long growing = FIRST_PAUSE.toNanos() << Math.min(looks, 20);
    long most = Math.min(growing, longestPause.toNanos());
    return ThreadLocalRandom.current().nextLong(most / 2, most + 1);
  }

  private long silenceNanos() {
    return Math.max(SILENCE.toNanos(), longestPause.toNanos());
  }

  private final class Watch implements ReleaseMessages.Listener {
    private final SlotKey key;
    private final String token;
    private final CompletableFuture<Boolean> gone = new CompletableFuture<>();

    /** Guarded by the map's lock of the token. */
    private int waiters;

    private boolean started;
    private int looks;
    private int failedLooks;
    private @Nullable ScheduledFuture<?> nextLook;

    Watch(SlotKey key, String token) {
      this.key = key;
      this.token = token;
    }

    Watch join() {
      waiters++;
      return this;
    }

    /** Returns null, so that the map removes this, once no caller waits. */
    @Nullable Watch leave() {
      waiters--;
      return waiters > 0 ? this : null;
    }

    synchronized void start() {
      if (started) {
        return;
      }
      started = true;
      if (messages != null) {
        messages.listen(token, this);
      }
      if (closed) {
        fail(LockRequests.closed());
      } else if (areEndsTold()) {
        look();
      } else {
        // The attempt found the lock held a moment ago.
        lookAfter(pauseNanos(looks));
      }
    }

    private synchronized void stop() {
      gone.complete(false);
      if (messages != null) {
        messages.forget(token, this);
      }
      if (nextLook != null) {
        nextLook.cancel(false);
      }
    }

    @Override
    public void onReleased() {
      gone.complete(true);
    }

    @Override
    public void onLookAgain() {
      look();
    }

    void fail(Throwable failure) {
      gone.completeExceptionally(failure);
      watches.remove(token, this);
      stop();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // onLooked hears of failures.
    private void look() {
      if (!gone.isDone()) {
        service.remaining(key, token).whenComplete(this::onLooked);
      }
    }

    private void onLooked(@Nullable OptionalLong remainingMillis, @Nullable Throwable failure) {
      if (remainingMillis == null) {
        onLookFailed(failure != null ? failure : new IllegalStateException("no answer"));
      } else if (remainingMillis.isEmpty()) {
        gone.complete(true);
      } else {
        onHeld(remainingMillis.getAsLong());
      }
    }

    private synchronized void onLookFailed(Throwable failure) {
      if (NoRoomException.isCauseOf(failure)) {
        looks++;
        lookAfter(pauseNanos(looks));
        return;
      }
      failedLooks++;
      if (failedLooks == MOST_FAILED_LOOKS) {
        fail(failure);
      } else {
        lookAfter(pauseNanos(failedLooks));
      }
    }

    private synchronized void onHeld(long remainingMillis) {
      failedLooks = 0;
      looks++;
      boolean willEnd = remainingMillis >= 0;
      lookAfter(
          willEnd && areEndsTold()
              ? Math.min(TimeUnit.MILLISECONDS.toNanos(remainingMillis + 1), silenceNanos())
              : pauseNanos(looks));
    }

    private synchronized void lookAfter(long nanos) {
      if (gone.isDone()) {
        return;
      }
      if (nextLook != null) {
        nextLook.cancel(false);
      }
      try {
        nextLook = timer.schedule(this::look, nanos, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        fail(LockRequests.closed());
      }
    }
  }
}
