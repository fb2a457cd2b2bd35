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
 * How callers wait for holders. All who wait for one holding share a watch: one request and one
 * timer, however many they are. Thread-safe.
 *
 * <p>A watch ends when it is told so, or when a look at the server finds the holding gone. Where
 * the ends of holdings are told, it looks when it begins, because the end may have been told
 * before, when the holder's life should be over, because a holder that crashed tells nothing, and
 * rarely in between: a holder may lack the right to tell, or have been evicted. Where they are not
 * told, it looks again and again, after growing pauses of random length.
 */
final class Watches implements AutoCloseable {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(10);

  /** Between two looks while messages are heard, or the longest pause where that is longer. */
  private static final Duration SILENCE = Duration.ofSeconds(1);

  /** A look that met a broken connection was repeated on a new one before it failed. */
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
   * @param longestPause between two looks where nothing is told
   * @param messages tells the ends of holdings; null if nothing does
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

  /** Who waits for a holding that an attempt met. */
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
      throw new UnavailableException(key, "nobody can tell about the holder", e.getCause());
    } finally {
      leave(token, watch);
    }
  }

  private void leave(String token, Watch watch) {
    Watch remaining =
        watches.computeIfPresent(
            token, (ignored, current) -> current == watch ? current.leave() : current);
    // Not in the map's lock of the token, which is the last to be taken.
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
    watches.values().forEach(watch -> watch.fail(LockServer.closed()));
  }

  private boolean areEndsTold() {
    return messages != null && messages.areHeard();
  }

  /** A random half to whole of twice the pause before, up to the longest. */
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

    /** Returns null, so that the map drops it, when nobody waits any more. */
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
        fail(LockServer.closed());
      } else if (areEndsTold()) {
        look();
      } else {
        // Whoever waits was told a moment ago that the lock is held.
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
      if (LeaseService.foundNoRoom(failure)) {
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
        fail(LockServer.closed());
      }
    }
  }
}
