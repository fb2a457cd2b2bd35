package io.tidemark.bench.answers;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Where calls are held, so that others come in between. Thread-safe. */
final class Gates {
  private final Map<Place, Gate> set = new HashMap<>();
  private final List<Gate> reached = new ArrayList<>();

  /** A moment in a call. */
  enum Point {
    /** A load has read its row, and nothing is stored yet. */
    AFTER_QUERY,
    /** A change is committed, and the cache does not know of it yet. */
    AFTER_COMMIT
  }

  private record Place(Point point, int item) {}

  private record Gate(CompletableFuture<Void> reached, CompletableFuture<Void> opened) {}

  /** Holds the next that comes by; the future completes when it is there. */
  synchronized CompletableFuture<Void> set(Point point, int item) {
    Gate gate = new Gate(new CompletableFuture<>(), new CompletableFuture<>());
    set.put(new Place(point, item), gate);
    return gate.reached();
  }

  /** Holds nobody there any more who is not held yet. */
  synchronized void unset(Point point, int item) {
    set.remove(new Place(point, item));
  }

  /** Comes by: waits where a gate is set. */
  void pass(Point point, int item) {
    Gate gate = reach(new Place(point, item));
    if (gate != null) {
      gate.reached().complete(null);
      gate.opened().join();
    }
  }

  private synchronized @Nullable Gate reach(Place place) {
    Gate gate = set.remove(place);
    if (gate != null) {
      reached.add(gate);
    }
    return gate;
  }

  /** Lets go all that are held. */
  synchronized void open() {
    reached.forEach(gate -> gate.opened().complete(null));
    reached.clear();
  }
}
