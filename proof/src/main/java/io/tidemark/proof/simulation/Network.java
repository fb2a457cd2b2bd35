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
  private final Pace pace;
  private final FaultRates rates;
  private final Dice dice;
  private long storeAwayUntil;

  Network(SimulatedWorld world, Dice dice) {
    this.world = world;
    this.agenda = world.agenda();
    this.pace = world.plan().pace;
    this.rates = world.plan().rates;
    this.dice = dice;
  }

  /** From now on and for a time nobody reaches the store. */
  void storeIsAway(long nanos) {
    storeAwayUntil = Math.max(storeAwayUntil, agenda.now() + nanos);
  }

  /** How long one way takes. */
  long hop() {
    return dice.between(pace.hopNanos / 2, pace.hopNanos * 3 / 2);
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
    boolean faulty = world.faultsMayHappen() && what.startsWith(rates.faultyVerb);
    if (agenda.now() < storeAwayUntil || (faulty && dice.permille(rates.requestRefusedPermille))) {
      world.count(Happening.REQUEST_REFUSED);
      strand.countFailedRequest();
      world.say("%s: the store is not reached", what);
      node.spend(dice.between(0, pace.hopNanos));
      throw new UnavailableException(key, "the store was not reached", null);
    }
    Exchange<A> exchange = new Exchange<>(strand, what, request);
    world.say("%s: sent", what);
    send(exchange, key, faulty);
    strand.blockUntil(agenda.now() + pace.storeTimeoutNanos);
    A answer = exchange.answer();
    if (answer != null) {
      node.mayStall();
      node.mayBurst(ForeignCall.STORE_AFTERWARDS);
      return answer;
    }
    if (!exchange.isConnectionLost()) {
      world.count(Happening.REPLY_TIMED_OUT);
    }
    strand.countFailedRequest();
    world.say("%s: no answer", what);
    if (!changes) {
      throw new UnavailableException(key, "the store did not answer", null);
    }
    throw new OutcomeUnknownException(key, "the store's answer was lost", null);
  }

  private void send(Exchange<?> exchange, @Nullable SlotKey key, boolean faulty) {
    if (faulty && dice.permille(rates.requestLostPermille)) {
      world.count(Happening.REQUEST_LOST);
      loseConnection(exchange);
    } else if (faulty && dice.permille(rates.replyLostPermille)) {
      world.count(Happening.REPLY_LOST);
      agenda.after(hop(), () -> carryOut(exchange));
      loseConnection(exchange);
    } else if (faulty && dice.permille(rates.requestLatePermille)) {
      world.count(Happening.REQUEST_LATE);
      long late =
          dice.coin()
              ? dice.spread(pace.hopNanos, 100 * Plan.MILLI)
              : dice.between(8, 60) * Plan.MILLI;
      agenda.after(late, () -> carryOut(exchange));
      if (key != null) {
        world.faults().provoke(key.key());
      }
      loseConnection(exchange);
    } else if (faulty && dice.permille(rates.requestTwicePermille)) {
      world.count(Happening.REQUEST_TWICE);
      agenda.after(hop(), () -> carryOut(exchange));
      agenda.after(2 * pace.hopNanos + hop(), () -> reply(exchange));
    } else {
      agenda.after(hop(), () -> reply(exchange));
    }
  }

  private <A> void reply(Exchange<A> exchange) {
    A answer = carryOut(exchange);
    agenda.after(wayBack(), () -> exchange.answer(answer));
  }

  private long wayBack() {
    if (!world.faultsMayHappen() || !dice.permille(rates.replySlowPermille)) {
      return hop();
    }
    world.count(Happening.REPLY_SLOW);
    return dice.spread(pace.hopNanos, pace.storeTimeoutNanos);
  }

  /** The client learns of the loss at once, or when its time is up. */
  private void loseConnection(Exchange<?> exchange) {
    if (dice.coin()) {
      exchange.loseConnection(hop());
    }
  }

  private <A> A carryOut(Exchange<A> exchange) {
    A answer = exchange.carryOut();
    world.say("  store: %s -> %s", exchange.what(), answer);
    world.promises().look();
    return answer;
  }
}
