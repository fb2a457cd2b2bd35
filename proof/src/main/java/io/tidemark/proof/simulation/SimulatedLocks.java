package io.tidemark.proof.simulation;

import io.tidemark.UnavailableException;
import io.tidemark.proof.simulation.LockService.Holding;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/** One process' client of the lock service. */
final class SimulatedLocks implements LockProvider {
  private final SimulatedWorld world;
  private final Agenda agenda;
  private final SimulatedNode node;
  private final LockService service;
  private final Dice dice;

  SimulatedLocks(SimulatedWorld world, SimulatedNode node, Dice dice) {
    this.world = world;
    this.agenda = world.agenda();
    this.node = node;
    this.service = world.locks();
    this.dice = dice;
  }

  /** An attempt under way, and what the service answered. */
  private static final class Attempt {
    private @Nullable Holding mine;
    private @Nullable Holding others;
    private boolean givenUp;
  }

  @Override
  public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
    Strand strand = node.caller();
    node.mayStall();
    SimulatedNode.throwIfInterrupted();
    node.mayBurst(ForeignCall.ACQUIRE);
    checkNotAway(key);
    Attempt attempt = new Attempt();
    world.say("asks for the lock of %s", key.key());
    long block = strand.blockNumber();
    agenda.after(world.network().hop(), () -> arrive(attempt, strand, block, key));
    long patience =
        Math.min(world.plan().pace.lockTimeoutNanos, node.toWorld(deadline.remainingNanos()));
    strand.blockUntil(agenda.now() + patience);
    if (attempt.mine != null) {
      Handle handle = new Handle(attempt.mine);
      node.mayStall();
      return new LockAttempt.Acquired(handle);
    }
    Holding others = attempt.others;
    if (others != null) {
      node.mayStall();
      return new LockAttempt.Held(until -> awaitGone(key, others, until));
    }
    attempt.givenUp = true;
    throw new UnavailableException(key, "the lock service did not answer in time", null);
  }

  private void arrive(Attempt attempt, Strand strand, long block, SlotKey key) {
    if (service.isAway() || !node.isAlive()) {
      return;
    }
    Holding current = service.holder(key);
    Holding granted = current == null ? service.acquire(key, node) : null;
    agenda.after(
        world.network().hop(),
        () -> {
          if (attempt.givenUp || !strand.waitsIn(block)) {
            giveBack(granted);
          } else {
            attempt.mine = granted;
            attempt.others = current;
            strand.wakeAfter(0);
          }
        });
  }

  private void giveBack(@Nullable Holding granted) {
    if (granted != null) {
      world.count(Happening.LOCK_GRANTED_TOO_LATE);
      service.release(granted);
    }
  }

  private boolean awaitGone(SlotKey key, Holding holding, Deadline deadline)
      throws InterruptedException {
    Strand strand = node.caller();
    SimulatedNode.throwIfInterrupted();
    node.mayBurst(ForeignCall.AWAIT_HOLDER);
    checkNotAway(key);
    long block = strand.blockNumber();
    service.watch(
        holding,
        () -> {
          if (strand.waitsIn(block)) {
            strand.wakeAfter(world.network().hop());
          }
        });
    strand.blockUntil(agenda.now() + node.toWorld(deadline.remainingNanos()));
    SimulatedNode.throwIfInterrupted();
    return holding.isGone();
  }

  private void checkNotAway(SlotKey key) {
    if (service.isAway()) {
      node.spend(world.network().hop());
      throw new UnavailableException(key, "the lock service is away", null);
    }
  }

  /** A holding as its holder sees it. */
  private final class Handle implements LockHandle {
    private final Holding holding;
    private boolean closed;

    Handle(Holding holding) {
      this.holding = holding;
    }

    @Override
    public long fence() {
      return holding.fence();
    }

    @Override
    public void close() {
      if (closed || agenda.isOver()) {
        return;
      }
      closed = true;
      long onItsWay = world.network().hop();
      if (world.faultsMayHappen() && dice.permille(world.plan().rates.lateReleasePermille)) {
        world.count(Happening.LOCK_RELEASED_LATE);
        onItsWay = dice.between(1, 60) * Plan.MILLI;
      }
      agenda.after(onItsWay, () -> service.release(holding));
      node.mayBurst(ForeignCall.RELEASE);
    }
  }
}
