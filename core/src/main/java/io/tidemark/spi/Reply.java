package io.tidemark.spi;

import java.util.function.Supplier;

/**
 * What became of one of many requests: its answer, or why there is none. Immutable.
 *
 * @param <T> the type of the answer
 */
public sealed interface Reply<T> {

  /**
   * The request was answered.
   *
   * @param answer what the verb returned
   */
  record Answered<T>(T answer) implements Reply<T> {
    @Override
    public T get() {
      return answer;
    }
  }

  /**
   * The request failed.
   *
   * @param failure what the verb threw
   */
  record Failed<T>(RuntimeException failure) implements Reply<T> {
    @Override
    public T get() {
      throw failure;
    }
  }

  /** Returns the answer, or throws the failure. */
  T get();

  /** Runs a verb, and keeps what it returns or throws. An {@link Error} is passed on. */
  static <T> Reply<T> of(Supplier<? extends T> verb) {
    try {
      return new Answered<>(verb.get());
    } catch (RuntimeException e) {
      return new Failed<>(e);
    }
  }
}
