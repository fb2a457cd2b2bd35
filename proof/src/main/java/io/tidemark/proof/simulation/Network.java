package io.tidemark.proof.simulation;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.SlotKey;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What lies between the processes and the store. A request travels, is carried out at one moment,
 * and its reply travels back. Any of it can be lost; a request can be carried out long after its
 * sender has been told that the outcome is unknown; and a client that sends again by itself can
 * have it carried out twice before it returns.
 */
final class Network {
  private final SimulatedWorld world;
  private final Agenda agenda;
  private final Plan plan;
  private final Dice dice;
  private long storeAwayUntil;

  Network(SimulatedWorld world, Dice dice) {
    this.world = world;
    this.agenda = world.agenda();
    this.plan = world.plan();
    this.dice = dice;
  }

  /** From now on and for a time nobody reaches the store. */
  void storeIsAway(long nanos) {
    storeAwayUntil = Math.max(storeAwayUntil, agenda.now() + nanos);
  }

  /** How long one way takes. */
  long hop() {
    return dice.between(plan.pace.hopNanos / 2, plan.pace.hopNanos * 3 / 2);
  }

  /** A request on its way, and its answer. */
  private static final class Exchange<A> {
    private final Strand strand;
    private final long block;
    private @Nullable A answer;
    private boolean connectionLost;

    Exchange(Strand strand) {
      this.strand = strand;
      this.block = strand.blockNumber();
    }
  }

  /**
   * Sends a request, and blocks the calling strand until the answer is there or the client gives
   * up.
   */
  <A> A call(
      SimulatedNode node,
      @Nullable SlotKey key,
      String what,
      boolean changes,
      Supplier<A> request) {
    Strand strand = node.caller();
    node.mayStall();
    node.mayBurst(ForeignCall.STORE);
    boolean faulty = world.faultsMayHappen() && what.startsWith(plan.rates.faultyVerb);
    if (agenda.now() < storeAwayUntil
        || (faulty && dice.permille(plan.rates.requestRefusedPermille))) {
      world.count(Happening.REQUEST_REFUSED);
      strand.countFailedRequest();
      world.say("%s: the store is not reached", what);
      node.spend(dice.between(0, plan.pace.hopNanos));
      throw new UnavailableException(key, "the store was not reached", null);
    }
    Exchange<A> exchange = new Exchange<>(strand);
    world.say("%s: sent", what);
    send(exchange, key, what, faulty, request);
    strand.blockUntil(agenda.now() + plan.pace.storeTimeoutNanos);
    A answer = exchange.answer;
    if (answer != null) {
      node.mayStall();
      node.mayBurst(ForeignCall.STORE_AFTERWARDS);
      return answer;
    }
    if (!exchange.connectionLost) {
      world.count(Happening.REPLY_TIMED_OUT);
    }
    strand.countFailedRequest();
    world.say("%s: no answer", what);
    if (!changes) {
      throw new UnavailableException(key, "the store did not answer", null);
    }
    throw new OutcomeUnknownException(key, "the store's answer was lost", null);
  }

  private <A> void send(
      Exchange<A> exchange,
      @Nullable SlotKey key,
      String what,
      boolean faulty,
      Supplier<A> request) {
    if (faulty && dice.permille(plan.rates.requestLostPermille)) {
      world.count(Happening.REQUEST_LOST);
      loseConnection(exchange);
    } else if (faulty && dice.permille(plan.rates.replyLostPermille)) {
      world.count(Happening.REPLY_LOST);
      agenda.after(hop(), () -> carryOut(what, request));
      loseConnection(exchange);
    } else if (faulty && dice.permille(plan.rates.requestLatePermille)) {
      world.count(Happening.REQUEST_LATE);
      long late =
          dice.coin()
              ? dice.spread(plan.pace.hopNanos, 100 * Plan.MILLI)
              : dice.between(8, 60) * Plan.MILLI;
      agenda.after(late, () -> carryOut(what, request));
      if (key != null) {
        world.faults().provoke(key.key());
      }
      loseConnection(exchange);
    } else if (faulty && dice.permille(plan.rates.requestTwicePermille)) {
      world.count(Happening.REQUEST_TWICE);
      agenda.after(hop(), () -> carryOut(what, request));
      agenda.after(2 * plan.pace.hopNanos + hop(), () -> reply(exchange, what, request));
    } else {
      agenda.after(hop(), () -> reply(exchange, what, request));
    }
  }

  private <A> void reply(Exchange<A> exchange, String what, Supplier<A> request) {
    A answer = carryOut(what, request);
    agenda.after(
        wayBack(),
        () -> {
          exchange.answer = answer;
          if (exchange.strand.waitsIn(exchange.block)) {
            exchange.strand.wakeAfter(0);
          }
        });
  }

  private long wayBack() {
    if (!world.faultsMayHappen() || !dice.permille(plan.rates.replySlowPermille)) {
      return hop();
    }
    world.count(Happening.REPLY_SLOW);
    return dice.spread(plan.pace.hopNanos, plan.pace.storeTimeoutNanos);
  }

  /** The client learns of the loss at once, or when its time is up. */
  private void loseConnection(Exchange<?> exchange) {
    if (dice.coin()) {
      exchange.connectionLost = true;
      exchange.strand.wakeAfter(hop());
    }
  }

  private <A> A carryOut(String what, Supplier<A> request) {
    A answer = request.get();
    world.say("  store: %s -> %s", what, answer);
    world.promises().look();
    return answer;
  }
}
