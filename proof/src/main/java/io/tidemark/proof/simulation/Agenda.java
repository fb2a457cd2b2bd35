package io.tidemark.proof.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler of one run: virtual time, what happens when, and who has the baton.
 *
 * <p>Everything that happens is an event at a moment: a message arrives, a strand goes on, a fault
 * strikes. Events happen one by one, in the order of their moments, and among equals in the order
 * in which they were planned. All chance is in the moments, so the seed decides the order.
 *
 * <p>There is no thread for it. A strand that blocks looks for what comes next, and hands the baton
 * to the strand whose turn it is; to nobody, if it is its own.
 */
final class Agenda {
  private static final long MAX_STEPS = 200_000;

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final List<Strand> begun = new ArrayList<>();
  private final Workers workers;
  private final Worker outside = new Worker(Thread.currentThread());
  private @Nullable Strand running;
  private @Nullable Throwable failure;
  private long now;
  private long planned;
  private long steps;
  private long fingerprint;
  private boolean over;

  Agenda(Workers workers) {
    this.workers = workers;
  }

  /** What is to happen at a moment: an action, or else a strand goes on. */
  private record Event(
      long at, long number, @Nullable Runnable action, @Nullable Strand strand, long block)
      implements Comparable<Event> {

    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }

    Event postponedTo(long later, long newNumber) {
      return new Event(later, newNumber, action, strand, block);
    }
  }

  long now() {
    return now;
  }

  long steps() {
    return steps;
  }

  /** A number that differs between any two runs that differ, but for a rare accident. */
  long fingerprint() {
    return fingerprint;
  }

  boolean isOver() {
    return over;
  }

  /** What a strand or an action threw, if any did. */
  @Nullable Throwable failure() {
    return failure;
  }

  /** The strand that moves; null while an action does. */
  @Nullable Strand running() {
    return running;
  }

  /** Plans an action for a moment from now. */
  void after(long nanos, Runnable action) {
    add(new Event(now + nanos, planned++, action, null, 0));
  }

  /** Plans that a strand goes on, if it is still in the same block then. */
  void resume(Strand strand, long at) {
    add(new Event(Math.max(at, now), planned++, null, strand, strand.blockNumber()));
  }

  private void add(Event event) {
    if (!over) {
      events.add(event);
    }
  }

  /** Adds to the fingerprint what happened beside the order of events. */
  void mark(long what) {
    fingerprint = (fingerprint ^ what) * 0x9E37_79B9_7F4A_7C15L;
    fingerprint ^= fingerprint >>> 29;
  }

  /** Ends the run, which has failed. What a strand does while it is unwound counts no more. */
  void fail(Throwable thrown) {
    if (!over) {
      failure = thrown;
      over = true;
    }
  }

  void end() {
    over = true;
  }

  /** Runs until nothing is left to happen, or the end. */
  void run() {
    passBaton(next());
    outside.awaitBaton();
    unwind();
  }

  /** Called by a strand's thread, which goes on when its turn has come. */
  void yieldFrom(Strand strand) {
    if (over) {
      throw new StrandEnded();
    }
    Strand next = next();
    if (next != strand) {
      passBaton(next);
      boolean interrupted = worker(strand).awaitBaton();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    if (over) {
      throw new StrandEnded();
    }
    running = strand;
  }

  /**
   * Called by a worker whose strand has ended. Returns the strand to run next on the same worker;
   * null if the worker has given the baton away.
   */
  @Nullable Strand afterEndOf(Worker worker) {
    Strand next = over ? null : next();
    if (next != null && next.worker() == null) {
      begin(next, worker);
      return next;
    }
    workers.giveBack(worker);
    passBaton(next);
    return null;
  }

  /** Lets things happen until it is a strand's turn; null if there is nothing more. */
  @SuppressWarnings("CatchingUnchecked") // Whatever an action throws, the run must hear of it.
  private @Nullable Strand next() {
    running = null;
    while (!over) {
      Event event = events.poll();
      if (event == null || steps >= MAX_STEPS) {
        fail(new IllegalStateException("the run did not come to its end in " + steps + " steps"));
        break;
      }
      now = event.at();
      Strand strand = event.strand();
      if (strand == null) {
        step(event);
        try {
          if (event.action() != null) {
            event.action().run();
          }
        } catch (Throwable t) {
          fail(t);
        }
      } else if (strand.waitsIn(event.block()) && strand.node().isAlive()) {
        long resumesAt = strand.node().pausedUntil();
        if (resumesAt > now) {
          events.add(event.postponedTo(resumesAt, planned++));
        } else {
          step(event);
          return strand;
        }
      }
    }
    return null;
  }

  private void step(Event event) {
    steps++;
    mark(event.at());
    mark(event.number());
  }

  private void passBaton(@Nullable Strand next) {
    if (next == null) {
      outside.giveBaton();
    } else if (next.worker() == null) {
      Worker worker = workers.take();
      begin(next, worker);
      worker.giveBaton();
    } else {
      running = next;
      worker(next).giveBaton();
    }
  }

  private void begin(Strand strand, Worker worker) {
    strand.runOn(worker);
    begun.add(strand);
    worker.assign(strand);
    running = strand;
  }

  /** Ends every strand that has not ended, one after the other, so that its thread is free. */
  private void unwind() {
    events.clear();
    for (Strand strand : begun) {
      if (!strand.hasEnded()) {
        worker(strand).giveBaton();
        outside.awaitBaton();
      }
    }
  }

  private static Worker worker(Strand strand) {
    Worker worker = strand.worker();
    if (worker == null) {
      throw new IllegalStateException(strand + " has not begun");
    }
    return worker;
  }
}
