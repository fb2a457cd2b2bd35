package io.tidemark.spring.cache;

import io.tidemark.LoadFailedException;
import io.tidemark.Row;
import io.tidemark.Source;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The methods that are being called are the source of their cache. A load calls the method of the
 * caller that began it. If it has to read again, because an eviction came in between, it calls that
 * of another caller that waits for the key. Thread-safe.
 */
final class MethodSource implements Source<NativeKey, Object> {

  /** The calls that wait for each key. */
  private final ConcurrentMap<String, List<MethodCall>> waiting = new ConcurrentHashMap<>();

  /** There is no method to call. Nobody looks for where it was thrown. */
  private static final class NoCall extends Exception {
    private static final long serialVersionUID = 1L;

    private NoCall() {
      super(
          "no call of a method with @Cacheable(sync = true) waits for this key that has not run yet",
          null,
          false,
          false);
    }
  }

  /** Whether a read failed because there was no method to call. */
  static boolean hadNoCall(Throwable failure) {
    return failure instanceof LoadFailedException && failure.getCause() instanceof NoCall;
  }

  /** Lets loads of the key run a call, until {@link #leave}. */
  void enter(String key, MethodCall call) {
    waiting.compute(
        key,
        (text, calls) -> {
          List<MethodCall> all = calls == null ? new CopyOnWriteArrayList<>() : calls;
          all.add(call);
          return all;
        });
  }

  void leave(String key, MethodCall call) {
    waiting.computeIfPresent(
        key,
        (text, calls) -> {
          calls.remove(call);
          return calls.isEmpty() ? null : calls;
        });
  }

  @Override
  public Row<Object> load(NativeKey key) throws Exception {
    MethodCall own = key.call();
    if (own != null && own.begin()) {
      return own.run();
    }
    for (MethodCall call : waiting.getOrDefault(key.text(), List.of())) {
      if (call.begin()) {
        return call.run();
      }
    }
    throw new NoCall();
  }
}
