package io.tidemark.proof.simulation;

import io.tidemark.spi.SlotKey;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A request on its way to the store, and its answer. Not thread-safe. */
final class Exchange<A> {
  private final Awaited awaited;
  private final Request<A> request;
  private @Nullable A answer;
  private boolean connectionLost;

  /** One of the requests that a strand is about to block for. */
  Exchange(Awaited awaited, Request<A> request) {
    this.awaited = awaited;
    this.request = request;
    awaited.open++;
  }

  /**
   * What is asked for.
   *
   * @param key null if it is about no key in particular
   * @param what for the log
   * @param verb what the store does
   */
  record Request<A>(@Nullable SlotKey key, String what, Supplier<A> verb) {}

  /** The exchanges that a strand blocks for: it is woken when the last of them has ended. */
  static final class Awaited {
    private final Strand strand;
    private final long block;
    private int open;

    /** None yet, of a strand that is about to block. */
    Awaited(Strand strand) {
      this.strand = strand;
      this.block = strand.blockNumber();
    }

    private void end() {
      open--;
      if (open == 0 && strand.waitsIn(block)) {
        strand.wakeAfter(0);
      }
    }
  }

  Request<A> request() {
    return request;
  }

  /** The answer has come. */
  void answer(A found) {
    answer = found;
    awaited.end();
  }

  /** The client has learned of the loss of its connection. */
  void loseConnection() {
    connectionLost = true;
    awaited.end();
  }

  /** Null before it has come. */
  @Nullable A answer() {
    return answer;
  }

  boolean isConnectionLost() {
    return connectionLost;
  }
}
