package io.tidemark.proof.simulation;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.UnavailableException;
import io.tidemark.proof.simulation.Exchange.Awaited;
import io.tidemark.proof.simulation.Exchange.Request;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.List;

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

  /** What becomes of a request that is sent. */
  private enum Fate {
    LOST,
    REPLY_LOST,
    LATE,
    TWICE,
    ANSWERED
  }

  /**
   * What happens on the way.
   *
   * @param isTold whether the client learns of a loss at once, and not when its time is up
   */
  private record Luck(Fate fate, boolean isTold) {}

  /**
   * Sends a request, and blocks the calling strand until the answer is there or the client gives
   * up.
   */
  <A> A call(SimulatedNode node, boolean changes, Request<A> request) {
    return callAll(node, changes, List.of(request)).get(0).get();
  }

  /**
   * Sends requests together, and blocks the calling strand until each is answered or the client
   * gives up. They go over one connection and have the same luck, or each has its own, as when they
   * go to the servers of a cluster. They are carried out in any order.
   */
  <A> List<Reply<A>> callAll(SimulatedNode node, boolean changes, List<Request<A>> requests) {
    Strand strand = node.caller();
    node.mayStall();
    Awaited awaited = new Awaited(strand);
    List<Reply<Exchange<A>>> prepared = new ArrayList<>();
    for (Request<A> request : requests) {
      prepared.add(Reply.of(() -> prepare(node, awaited, request)));
    }
    List<Exchange<A>> exchanges = new ArrayList<>();
    for (Reply<Exchange<A>> one : prepared) {
      if (one instanceof Reply.Answered<Exchange<A>> ready) {
        exchanges.add(ready.answer());
      }
    }
    if (exchanges.isEmpty()) {
      node.spend(dice.between(0, pace.hopNanos));
    } else {
      send(exchanges);
      strand.blockUntil(agenda.now() + pace.storeTimeoutNanos);
      if (exchanges.stream().anyMatch(exchange -> exchange.answer() != null)) {
        node.mayStall();
      }
    }
    List<Reply<A>> replies = new ArrayList<>();
    for (Reply<Exchange<A>> one : prepared) {
      replies.add(Reply.of(() -> receive(node, changes, one.get())));
    }
    return replies;
  }

  private <A> Exchange<A> prepare(SimulatedNode node, Awaited awaited, Request<A> request) {
    mayBurst(node, ForeignCall.STORE);
    if (agenda.now() < storeAwayUntil
        || (isFaulty(request) && dice.permille(rates.requestRefusedPermille))) {
      world.count(Happening.REQUEST_REFUSED);
      node.caller().countFailedRequest();
      world.say("%s: the store is not reached", request.what());
      throw new UnavailableException(request.key(), "the store was not reached", null);
    }
    return new Exchange<>(awaited, request);
  }

  private <A> A receive(SimulatedNode node, boolean changes, Exchange<A> exchange) {
    A answer = exchange.answer();
    if (answer != null) {
      mayBurst(node, ForeignCall.STORE_AFTERWARDS);
      return answer;
    }
    if (!exchange.isConnectionLost()) {
      world.count(Happening.REPLY_TIMED_OUT);
    }
    node.caller().countFailedRequest();
    Request<A> request = exchange.request();
    world.say("%s: no answer", request.what());
    if (!changes) {
      throw new UnavailableException(request.key(), "the store did not answer", null);
    }
    throw new OutcomeUnknownException(request.key(), "the store's answer was lost", null);
  }

  private static void mayBurst(SimulatedNode node, ForeignCall call) {
    try {
      node.mayBurst(call);
    } catch (RuntimeException | Error e) {
      node.caller().countFailedRequest();
      throw e;
    }
  }

  private <A> void send(List<Exchange<A>> exchanges) {
    Luck luck = luck(exchanges.get(0).request());
    boolean isShared = dice.coin();
    for (Exchange<A> exchange : exchanges) {
      world.say("%s: sent", exchange.request().what());
      send(exchange, luck);
      if (!isShared) {
        luck = luck(exchange.request());
      }
    }
  }

  private Luck luck(Request<?> request) {
    return new Luck(isFaulty(request) ? fate() : Fate.ANSWERED, dice.coin());
  }

  private boolean isFaulty(Request<?> request) {
    return world.faultsMayHappen() && request.what().startsWith(rates.faultyVerb);
  }

  private Fate fate() {
    if (dice.permille(rates.requestLostPermille)) {
      return Fate.LOST;
    } else if (dice.permille(rates.replyLostPermille)) {
      return Fate.REPLY_LOST;
    } else if (dice.permille(rates.requestLatePermille)) {
      return Fate.LATE;
    } else {
      return dice.permille(rates.requestTwicePermille) ? Fate.TWICE : Fate.ANSWERED;
    }
  }

  private void send(Exchange<?> exchange, Luck luck) {
    switch (luck.fate()) {
      case LOST -> {
        world.count(Happening.REQUEST_LOST);
        loseConnection(exchange, luck);
      }
      case REPLY_LOST -> {
        world.count(Happening.REPLY_LOST);
        agenda.after(hop(), () -> carryOut(exchange));
        loseConnection(exchange, luck);
      }
      case LATE -> {
        world.count(Happening.REQUEST_LATE);
        long late =
            dice.coin()
                ? dice.spread(pace.hopNanos, 100 * Plan.MILLI)
                : dice.between(8, 60) * Plan.MILLI;
        agenda.after(late, () -> carryOut(exchange));
        SlotKey key = exchange.request().key();
        if (key != null) {
          world.faults().provoke(key.key());
        }
        loseConnection(exchange, luck);
      }
      case TWICE -> {
        world.count(Happening.REQUEST_TWICE);
        agenda.after(hop(), () -> carryOut(exchange));
        agenda.after(2 * pace.hopNanos + hop(), () -> reply(exchange));
      }
      case ANSWERED -> agenda.after(hop(), () -> reply(exchange));
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

  private void loseConnection(Exchange<?> exchange, Luck luck) {
    if (luck.isTold()) {
      agenda.after(hop(), exchange::loseConnection);
    }
  }

  private <A> A carryOut(Exchange<A> exchange) {
    A answer = exchange.request().verb().get();
    world.say("  store: %s -> %s", exchange.request().what(), answer);
    world.promises().look();
    return answer;
  }
}
