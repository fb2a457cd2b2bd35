package io.tidemark.proof.simulation;

import org.jspecify.annotations.Nullable;

/**
 * A thread of a simulated process. It runs until it blocks, and goes on when it is woken or its
 * time has come. Each block has a number, so that what was meant to end one cannot end a later one.
 */
final class Strand {
  private final Agenda agenda;
  private final SimulatedNode node;
  private final String name;
  private final Runnable body;
  private @Nullable Worker worker;
  private long block;
  private int failedRequests;
  private boolean ended;

  Strand(Agenda agenda, SimulatedNode node, String name, Runnable body) {
    this.agenda = agenda;
    this.node = node;
    this.name = name;
    this.body = body;
  }

  Agenda agenda() {
    return agenda;
  }

  SimulatedNode node() {
    return node;
  }

  @Nullable Worker worker() {
    return worker;
  }

  void runOn(Worker worker) {
    this.worker = worker;
  }

  long blockNumber() {
    return block;
  }

  /** How many of its requests to the store have failed. */
  int failedRequests() {
    return failedRequests;
  }

  void countFailedRequest() {
    failedRequests++;
  }

  boolean hasEnded() {
    return ended;
  }

  /** Whether an event for this block still means something. */
  boolean waitsIn(long blockNumber) {
    return !ended && block == blockNumber;
  }

  /** Blocks until woken, or until a moment at the latest. */
  void blockUntil(long nanos) {
    agenda.resume(this, nanos);
    block();
  }

  /** Blocks until woken. */
  void block() {
    agenda.yieldFrom(this);
    block++;
  }

  /** Ends the current block at a moment from now. */
  void wakeAfter(long nanos) {
    agenda.resume(this, agenda.now() + nanos);
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever a strand throws, the run must hear of it.
  void run() {
    try {
      block++;
      body.run();
    } catch (StrandEnded e) {
      // As if it had never gone on.
    } catch (Throwable t) {
      agenda.fail(t);
    } finally {
      ended = true;
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
