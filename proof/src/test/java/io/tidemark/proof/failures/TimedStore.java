package io.tidemark.proof.failures;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.SlotStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Makes the silence of a store take time by a hand-moved clock, and counts its answers.
 * Thread-safe.
 */
final class TimedStore {
  private final SlotStore timed;
  private final HandMovedTime time;
  private final Duration silence;
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger unanswered = new AtomicInteger();

  /**
   * For one store.
   *
   * @param silence what each verb takes that gets no answer; the others take no time
   */
  TimedStore(SlotStore timed, HandMovedTime time, Duration silence) {
    this.timed = timed;
    this.time = time;
    this.silence = silence;
  }

  /** The store with that time. */
  SlotStore store() {
    return (SlotStore)
        Proxy.newProxyInstance(
            SlotStore.class.getClassLoader(),
            new Class<?>[] {SlotStore.class},
            (proxy, verb, arguments) -> ask(verb, arguments));
  }

  /** How many verbs got an answer. */
  int answered() {
    return answered.get();
  }

  /** How many verbs got none. */
  int unanswered() {
    return unanswered.get();
  }

  private @Nullable Object ask(Method verb, Object @Nullable [] arguments) throws Throwable {
    try {
      Object answer = verb.invoke(timed, arguments);
      answered.incrementAndGet();
      return answer;
    } catch (InvocationTargetException e) {
      Throwable failure = Objects.requireNonNull(e.getCause());
      if (failure instanceof UnavailableException || failure instanceof OutcomeUnknownException) {
        unanswered.incrementAndGet();
        time.pass(silence);
      }
      throw failure;
    }
  }
}
