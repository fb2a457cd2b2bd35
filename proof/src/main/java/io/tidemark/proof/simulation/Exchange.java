package io.tidemark.proof.simulation;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A request on its way to the store, and its answer. Not thread-safe. */
final class Exchange<A> {
  private final Strand strand;
  private final long block;
  private final String what;
  private final Supplier<A> request;
  private @Nullable A answer;
  private boolean connectionLost;

  /** A request of a strand that is about to block for its answer. */
  Exchange(Strand strand, String what, Supplier<A> request) {
    this.strand = strand;
    this.block = strand.blockNumber();
    this.what = what;
    this.request = request;
  }

  /** What is asked for, for the log. */
  String what() {
    return what;
  }

  A carryOut() {
    return request.get();
  }

  /** The answer has come, and wakes the strand if it still waits for it. */
  void answer(A found) {
    answer = found;
    if (strand.waitsIn(block)) {
      strand.wakeAfter(0);
    }
  }

  /** The client learns of the loss of its connection after that time. */
  void loseConnection(long nanos) {
    connectionLost = true;
    strand.wakeAfter(nanos);
  }

  /** Null before it has come. */
  @Nullable A answer() {
    return answer;
  }

  boolean isConnectionLost() {
    return connectionLost;
  }
}
