package io.tidemark.engine;

import io.tidemark.Row;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A row for several callers; none can change the copy of another. Thread-safe. */
sealed interface Copies<V> {

  /**
   * One caller's row.
   *
   * @return null if the only one there is was taken already
   * @throws io.tidemark.CodecException if no further copy can be made, although the first could
   */
  @Nullable Row<V> take();

  /** Whether every caller gets one. */
  boolean areEnough();

  /** A row that nobody can change, or that one caller asks for. */
  record Shared<V>(Row<V> row) implements Copies<V> {
    @Override
    public Row<V> take() {
      return row;
    }

    @Override
    public boolean areEnough() {
      return true;
    }
  }

  /** A row of which each caller gets a copy; the first is there already. */
  final class Own<V> implements Copies<V> {
    private final AtomicReference<@Nullable Row<V>> first;
    private final @Nullable Supplier<Row<V>> further;

    /** Takes what makes the further copies, on the threads of their callers; null for none. */
    Own(Row<V> first, @Nullable Supplier<Row<V>> further) {
      this.first = new AtomicReference<>(first);
      this.further = further;
    }

    @Override
    public @Nullable Row<V> take() {
      Row<V> mine = first.getAndSet(null);
      return mine != null || further == null ? mine : further.get();
    }

    @Override
    public boolean areEnough() {
      return further != null;
    }
  }
}
