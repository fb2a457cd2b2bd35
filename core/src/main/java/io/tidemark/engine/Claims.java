package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.LoadProfile;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.RefusedException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.Ballot;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes claims, has them renewed until they are closed or have met their bound, and knows those of
 * loads, which end with the cache. No other piece asks the store for a claim. Thread-safe.
 */
final class Claims {
  private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

  private final Settings<?, ?> settings;
  private final Journal journal;
  private final Executor executor;
  private final ScheduledExecutorService scheduler;
  private final ThrottledLog outlived;

  /** The claims of loads that are under way, in order, so that closing goes the same way again. */
  private final Set<LiveClaim> ofLoads = Collections.synchronizedSet(new LinkedHashSet<>());

  private volatile boolean closed;

  /**
   * Prepares to take claims.
   *
   * @param executor sends the renewals
   * @param scheduler says when
   */
  Claims(
      Settings<?, ?> settings,
      Journal journal,
      Executor executor,
      ScheduledExecutorService scheduler) {
    this.settings = settings;
    this.journal = journal;
    this.executor = executor;
    this.scheduler = scheduler;
    this.outlived = new ThrottledLog(Claims.class, settings.ticker());
  }

  /**
   * Asks the store for a claim under a lock, once. A claim that is not closed within the bound of a
   * load is given up together with its lock, so that another load or write can take the key.
   *
   * @throws OutcomeUnknownException if the store's answer was lost; a later fence takes over what
   *     may have been claimed
   * @throws UnavailableException if the store is away; a {@link RefusedException} if there is no
   *     timer for the bound, and the claim is given up then
   */
  ClaimOutcome take(HeldLock lock, ClaimMode mode, LoadProfile profile) {
    ClaimAnswer answer =
        settings
            .store()
            .claim(lock.key(), lock.fence(), mode, profile.claimLife(), settings.floorLife());
    if (answer instanceof ClaimAnswer.Hit hit) {
      return new ClaimOutcome.Present(hit.slot());
    }
    if (answer instanceof ClaimAnswer.Lost lost) {
      return new ClaimOutcome.Lost(lost.claim());
    }
    if (answer instanceof ClaimAnswer.Reserved reserved) {
      return new ClaimOutcome.Reserved(held(lock, reserved.floor(), profile));
    }
    return new ClaimOutcome.Taken(held(lock, ((ClaimAnswer.Claimed) answer).floor(), profile));
  }

  private Claim held(HeldLock lock, long floor, LoadProfile profile) {
    Claim claim =
        new Claim(
            settings.store(),
            lock,
            floor,
            mine ->
                newTenure(
                    mine.key(),
                    profile,
                    () -> mine.renew(profile.claimLife()),
                    () -> giveUp(mine, profile.maxLoadTime())),
            ofLoads::remove);
    hold(claim, claim.work());
    return claim;
  }

  /**
   * Asks the store for claims on many slots, without their locks, once: under a ballot that is
   * drawn for it. What may have been claimed although the answer was lost is given up at once.
   *
   * @param keys one or more
   * @throws RefusedException if there is no timer for the bound; the claims are given up then
   */
  BulkClaim takeAll(List<SlotKey> keys, LoadProfile profile) {
    // Safeguard BALLOT_PER_ATTEMPT: under a shared ballot, a late fill passes for the next one's.
    long ballot = Ballot.draw(settings.ballots());
    BulkClaim claim;
    try {
      claim = newBulkClaim(keys, ballot, profile);
    } catch (Throwable t) {
      // A ballot stands in the way of every load of these keys, so that none may be left.
      BulkClaim.abandon(settings.store(), keys, ballot);
      throw t;
    }
    hold(claim, Work.LOAD);
    return claim;
  }

  private BulkClaim newBulkClaim(List<SlotKey> keys, long ballot, LoadProfile profile) {
    List<Reply<ClaimAnswer>> answers =
        settings
            .store()
            .claimAll(keys, ballot, ClaimMode.IF_FREE, profile.claimLife(), settings.floorLife());
    return new BulkClaim(
        settings.store(),
        ballot,
        keys,
        answers,
        mine ->
            newTenure(
                keys.get(0), profile, () -> mine.renew(profile.claimLife()), () -> giveUp(mine)),
        ofLoads::remove);
  }

  private Tenure newTenure(
      SlotKey key, LoadProfile profile, BooleanSupplier renewal, Runnable atBound) {
    return new Tenure(key, profile, settings.ticker(), executor, scheduler, renewal, atBound);
  }

  private void hold(LiveClaim claim, Work work) {
    if (work == Work.LOAD) {
      ofLoads.add(claim);
      if (closed) {
        claim.end();
        claim.abandon();
        return;
      }
    }
    try {
      claim.begin();
    } catch (Throwable t) {
      claim.abandon();
      claim.end();
      ofLoads.remove(claim);
      throw new RefusedException(
          claim.keys().get(0),
          "the scheduler refused to renew its claim: " + Failures.refusalOf(t),
          t);
    }
  }

  private void giveUp(BulkClaim claim) {
    claim.end();
    CompletableFuture<?> unused = abandonElsewhere(claim, () -> {});
  }

  /** The lock first: it blocks for nobody, and the next holder's fence goes before this claim. */
  private void giveUp(Claim claim, Duration bound) {
    claim.end();
    // Told last: a listener finds claim and lock gone. Of a load, its watch tells.
    CompletableFuture<?> unused =
        abandonElsewhere(
            claim,
            () -> {
              if (claim.work() == Work.WRITE) {
                tellOfGivingUp(claim.key(), bound);
              }
            });
  }

  private void tellOfGivingUp(SlotKey key, Duration bound) {
    journal.add(Kind.CLAIM_OUTLIVED, key, bound);
    outlived.warn(
        "{}: still at work after {}, so its claim and lock are given up; {}",
        key,
        bound,
        Advice.beyond(bound));
  }

  /**
   * Gives up the claims of loads, and waits until the store has answered, up to a deadline. The
   * claims of writes are renewed as ever.
   *
   * @return the keys whose claims may stay until they expire
   */
  List<SlotKey> close(Deadline deadline) {
    closed = true;
    List<SlotKey> left = new ArrayList<>();
    List<Abandoning> under = new ArrayList<>();
    for (LiveClaim claim : List.copyOf(ofLoads)) {
      claim.end();
      under.add(new Abandoning(claim.keys(), abandonElsewhere(claim, () -> {})));
    }
    for (Abandoning one : under) {
      if (!isDone(one.done(), deadline)) {
        left.addAll(one.keys());
      }
    }
    return left;
  }

  /** The keys of loads that hold, or held, a claim and have not come back. */
  List<SlotKey> loadsAtWork() {
    return List.copyOf(ofLoads).stream().flatMap(claim -> claim.keys().stream()).toList();
  }

  private record Abandoning(List<SlotKey> keys, CompletableFuture<Boolean> done) {}

  /** Not on this thread: a store that is silent would keep it waiting for one claim at a time. */
  @SuppressWarnings("CatchingUnchecked") // Where no thread is free the claim expires.
  private CompletableFuture<Boolean> abandonElsewhere(LiveClaim claim, Runnable then) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    try {
      executor.execute(
          () -> {
            done.complete(claim.abandon());
            then.run();
          });
    } catch (Throwable t) {
      LOG.debug("{}: no thread to give the claim up; it will expire", claim.keys(), t);
      done.complete(false);
      then.run();
    }
    return done;
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever the clock throws, the rest is ended as well.
  private static boolean isDone(CompletableFuture<Boolean> done, Deadline deadline) {
    try {
      return deadline.await(done);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable t) {
      LOG.debug("A claim was not given up in time", t);
    }
    return false;
  }
}
