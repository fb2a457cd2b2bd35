package io.tidemark.redis;

import io.tidemark.RefusedException;
import io.tidemark.spi.LockHandle;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A lease on a majority of servers: one lease on each. Thread-safe. */
final class QuorumLease implements Lease {
  /** More servers would leave fewer digits for the time in a fence. */
  static final int MOST_SERVERS = 31;

  private static final int PLACES = MOST_SERVERS + 1;

  /** The share of a life by which clocks may drift apart, and Redis may miss its end. */
  private static final int DRIFTS_PER_LIFE = 100;

  private static final Duration LEAST_DRIFT = Duration.ofMillis(2);

  private final List<? extends Lease> leases;
  private final Majority majority;

  /**
   * A lease on a majority.
   *
   * @param leases one on each server, in the order that all processes use
   */
  QuorumLease(List<? extends Lease> leases, Majority majority) {
    this.leases = leases;
    this.majority = majority;
  }

  @Override
  public CompletableFuture<LockReply> acquire() {
    Tally tally = new Tally();
    for (int place = 0; place < leases.size(); place++) {
      tally.count(place, majority.inTime(leases.get(place).acquire()));
    }
    return tally.result;
  }

  @Override
  public CompletableFuture<Boolean> renew() {
    return majority.decide(leases.stream().map(Lease::renew).toList());
  }

  @Override
  public void release() {
    leases.forEach(Lease::release);
  }

  /** Whether any life is left, by any server's clock, after an attempt that took this long. */
  static boolean isAnythingLeft(Duration life, Duration spent) {
    Duration drift = life.dividedBy(DRIFTS_PER_LIFE).plus(LEAST_DRIFT);
    return spent.plus(drift).compareTo(life) < 0;
  }

  /** Counts the replies of the servers, and replies as soon as the outcome is certain. */
  private final class Tally {
    private final CompletableFuture<LockReply> result = new CompletableFuture<>();
    private final long startNanos = System.nanoTime();
    private final Map<String, Integer> owners = new HashMap<>();
    private LockOwner strongest = LockOwner.GONE;
    private long fence = LockHandle.NO_FENCE;
    private int acquired;
    private int held;
    private int failed;
    private int refused;
    private @Nullable Throwable refusal;

    @SuppressWarnings("FutureReturnValueIgnored") // The result hears of failures.
    void count(int place, CompletableFuture<LockReply> answer) {
      answer.whenComplete((reply, failure) -> count(place, reply, failure));
    }

    private synchronized void count(
        int place, @Nullable LockReply reply, @Nullable Throwable failure) {
      if (reply instanceof LockReply.Acquired mine) {
        acquired++;
        fence = Math.max(fence, mine.fence() * PLACES + place);
      } else if (reply instanceof LockReply.Held others) {
        held++;
        count(others.owner());
      } else {
        failed++;
        if (cause(failure) instanceof RefusedException no) {
          refused++;
          refusal = no;
        }
      }
      int needed = majority.quorum();
      int spare = majority.spare();
      if (acquired >= needed) {
        conclude();
      } else if (refused > spare && refusal != null) {
        result.completeExceptionally(refusal);
      } else if (failed > spare) {
        result.completeExceptionally(
            new IllegalStateException("too few servers answered for a majority", failure));
      } else if (held + failed > spare && acquired + held >= needed) {
        result.complete(new LockReply.Held(strongest));
      } else if (held > 0 && acquired + held >= needed) {
        // The missing servers could still make it a majority, but may be down.
        LockReply others = new LockReply.Held(strongest);
        majority.afterGrace(result, () -> result.complete(others));
      }
    }

    private static @Nullable Throwable cause(@Nullable Throwable failure) {
      return failure instanceof CompletionException ? failure.getCause() : failure;
    }

    private void count(LockOwner owner) {
      int count = owners.merge(owner.token(), 1, Integer::sum);
      if (count >= owners.getOrDefault(strongest.token(), 0)) {
        strongest = owner;
      }
    }

    private void conclude() {
      Duration life = majority.life();
      Duration spent = Duration.ofNanos(System.nanoTime() - startNanos);
      if (isAnythingLeft(life, spent)) {
        result.complete(new LockReply.Acquired(fence));
      } else {
        result.completeExceptionally(
            new IllegalStateException(
                "the servers took " + spent + ", and nothing is left of the life of " + life));
      }
    }
  }
}
