package io.tidemark.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Combines the answers of several independent servers into that of a majority, as soon as it is
 * certain. Thread-safe.
 */
final class Majority {
  private static final int PATIENCES_PER_LIFE = 10;

  /** How long to wait for the other servers once a majority has answered without agreeing. */
  private static final Duration GRACE = Duration.ofMillis(50);

  private final int servers;
  private final Duration life;
  private final Duration patience;
  private final LockRequests timing;

  /**
   * A majority of servers.
   *
   * @param servers how many there are
   * @param life of a holding; a server that is silent for a tenth of it counts as down
   * @param timing measures the waits
   */
  Majority(int servers, Duration life, LockRequests timing) {
    this.servers = servers;
    this.life = life;
    this.patience = life.dividedBy(PATIENCES_PER_LIFE);
    this.timing = timing;
  }

  /** How many servers are a majority. */
  int quorum() {
    return servers / 2 + 1;
  }

  /** How many servers may fail without preventing a majority. */
  int spare() {
    return servers - quorum();
  }

  Duration life() {
    return life;
  }

  /** The same answer, or a failure if the server stays silent for too long. */
  <T> CompletableFuture<T> inTime(CompletableFuture<T> answer) {
    // On a copy: the server must still count the request as one that waits.
    CompletableFuture<T> copy = answer.copy();
    timing.unlessDone(copy, patience, () -> copy.completeExceptionally(new TimeoutException()));
    return copy;
  }

  /** Runs an action once the other servers have had their time, unless the result is certain. */
  void afterGrace(CompletableFuture<?> result, Runnable action) {
    timing.unlessDone(result, GRACE, action);
  }

  /**
   * Whether a majority says yes; fails if fewer than a majority answer. If a majority answers
   * without agreeing, waits for the others as long as for any server.
   */
  CompletableFuture<Boolean> decide(List<CompletableFuture<Boolean>> answers) {
    return decide(answers, patience);
  }

  /** Decides likewise, but waits for the others only shortly. */
  CompletableFuture<Boolean> decideSoon(List<CompletableFuture<Boolean>> answers) {
    return decide(answers, GRACE);
  }

  private CompletableFuture<Boolean> decide(
      List<CompletableFuture<Boolean>> answers, Duration grace) {
    Vote vote = new Vote(grace);
    answers.forEach(answer -> vote.count(inTime(answer)));
    return vote.result;
  }

  private final class Vote {
    private final CompletableFuture<Boolean> result = new CompletableFuture<>();
    private final Duration grace;
    private int yes;
    private int no;
    private int failed;
    private @Nullable Throwable failure;

    Vote(Duration grace) {
      this.grace = grace;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // The result hears of failures.
    void count(CompletableFuture<Boolean> answer) {
      answer.whenComplete((isYes, failure) -> count(isYes != null ? isYes : false, failure));
    }

    private synchronized void count(boolean isYes, @Nullable Throwable silence) {
      if (silence != null) {
        failed++;
        // With room there might have been a majority.
        failure = failure == null || NoRoomException.isCauseOf(silence) ? silence : failure;
      } else if (isYes) {
        yes++;
      } else {
        no++;
      }
      if (yes >= quorum()) {
        result.complete(true);
      } else if (failed > spare()) {
        result.completeExceptionally(failure != null ? failure : new IllegalStateException());
      } else if (no > spare() || yes + no + failed == servers) {
        result.complete(false);
      } else if (yes + no >= quorum()) {
        timing.unlessDone(result, grace, () -> result.complete(false));
      }
    }
  }
}
