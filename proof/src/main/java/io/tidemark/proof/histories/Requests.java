package io.tidemark.proof.histories;

import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Counts what the store has answered, so that a script can wait for it. Thread-safe. */
final class Requests {
  /** Behind a verb: those answers to it that were no. */
  static final String REFUSED = "-refused";

  private static final long SOON_MILLIS = 300;

  private final Map<String, Integer> answered = new ConcurrentHashMap<>();

  /** The same store, whose answers are counted. */
  SlotStore countedOn(SlotStore store) {
    return (SlotStore)
        Proxy.newProxyInstance(
            SlotStore.class.getClassLoader(),
            new Class<?>[] {SlotStore.class},
            (proxy, verb, arguments) -> {
              try {
                Object answer = verb.invoke(store, arguments);
                if (arguments != null && arguments[0] instanceof SlotKey key) {
                  answered.merge(name(verb.getName(), key.key()), 1, Integer::sum);
                  if (Boolean.FALSE.equals(answer)) {
                    answered.merge(name(verb.getName() + REFUSED, key.key()), 1, Integer::sum);
                  }
                }
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** How many requests of a verb were answered for a key; with {@link #REFUSED}, with a no. */
  int answered(String verb, String key) {
    return answered.getOrDefault(name(verb, key), 0);
  }

  /**
   * A scheduler for a cache whose claims live for a long time: what is due late is done soon, so
   * that a script need not wait for a renewal as long as a claim lives.
   */
  static ScheduledExecutorService soon() {
    return new Soon();
  }

  private static String name(String verb, String key) {
    return verb + " " + key;
  }

  private static final class Soon extends ScheduledThreadPoolExecutor {
    Soon() {
      super(
          1,
          work -> {
            Thread thread = new Thread(work, "soon");
            thread.setDaemon(true);
            return thread;
          });
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
      return super.schedule(
          command, Math.min(unit.toMillis(delay), SOON_MILLIS), TimeUnit.MILLISECONDS);
    }
  }
}
