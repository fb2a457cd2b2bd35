package io.tidemark.resilience4j;

import io.tidemark.UnavailableException;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.spi.SlotStore;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A store in memory that a test takes away and gives back. Thread-safe. */
final class Outage {
  private final SlotStore memory = InMemoryStore.create();
  private final AtomicInteger calls = new AtomicInteger();
  private volatile Predicate<String> failing = verb -> false;
  private volatile RuntimeException failure = new UnavailableException(null, "refused", null);
  private volatile Runnable onCall = () -> {};

  /** What a breaker is put around. */
  SlotStore store() {
    return (SlotStore)
        Proxy.newProxyInstance(
            Outage.class.getClassLoader(), new Class<?>[] {SlotStore.class}, this::invoke);
  }

  /** How often any of its verbs was called. */
  int calls() {
    return calls.get();
  }

  /** Fails every verb. */
  void begin() {
    failing = verb -> true;
  }

  void begin(RuntimeException failure) {
    this.failure = failure;
    begin();
  }

  /** Fails every verb but reading. */
  void refuseWrites() {
    failing = verb -> !verb.equals("read");
  }

  void end() {
    failing = verb -> false;
  }

  /** Fails the next calls, and then no more. */
  void endAfter(int failures) {
    AtomicInteger left = new AtomicInteger(failures);
    failing = verb -> left.getAndDecrement() > 0;
  }

  /** Runs in every call, before it fails or answers. */
  void onCall(Runnable action) {
    onCall = action;
  }

  private @Nullable Object invoke(Object proxy, Method verb, Object @Nullable [] arguments)
      throws Throwable {
    if (verb.getName().endsWith("All")) {
      // Calls the single verb for each request.
      return InvocationHandler.invokeDefault(proxy, verb, arguments);
    }
    calls.incrementAndGet();
    onCall.run();
    if (failing.test(verb.getName())) {
      throw failure;
    }
    try {
      return verb.invoke(memory, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
