package io.tidemark.engine;

import static io.tidemark.engine.Patience.PATIENCE;

import io.tidemark.Codec;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls that a cache makes of what is not its own. They are counted while they are armed, and
 * one of them, by its number among those of its part, goes wrong. Thread-safe.
 */
final class ForeignCalls {
  /** What a cache calls that is not its own. */
  enum Part {
    SOURCE,
    REPLICA,
    CODEC,
    KEY_ENCODER,
    STORE,
    LOCKS,
    HOLDER,
    HANDLE,
    LISTENER,
    EXECUTOR,
    SCHEDULER,
    TICKER,
    WRITE,
    PROGRESS
  }

  /** What one call does instead of what it should. */
  @SuppressWarnings("ImmutableEnumChecker") // What makes the failures has no state.
  enum Fault {
    /** It does nothing. */
    ERROR(() -> new OutOfMemoryError("injected"), false),
    /** It does what it should, and its answer is lost. */
    LATE_EXCEPTION(() -> new IllegalStateException("injected"), true),
    /** It does what it should, once it is {@link #release released}. */
    HANG(() -> new AssertionError("hangs"), false);

    private final Supplier<Throwable> failure;
    private final boolean after;

    Fault(Supplier<Throwable> failure, boolean after) {
      this.failure = failure;
      this.after = after;
    }
  }

  /**
   * Runs worlds in each of which one call goes wrong: the first, the second, until there is none.
   * Some run at once, as they mostly wait.
   *
   * @param run runs the world of a call, and returns whether that was reached
   * @return how many were
   */
  static int failEachInTurn(ExecutorService callers, int atOnce, IntPredicate run)
      throws Exception {
    int reached = 0;
    int more = atOnce;
    while (more == atOnce) {
      more = runAtOnce(callers, reached + 1, atOnce, run);
      reached += more;
    }
    return reached;
  }

  private static int runAtOnce(ExecutorService callers, int first, int count, IntPredicate run)
      throws Exception {
    List<Future<Boolean>> runs = new ArrayList<>();
    for (int n = first; n < first + count; n++) {
      int failing = n;
      runs.add(callers.submit(() -> run.test(failing)));
    }
    int reached = 0;
    for (Future<Boolean> each : runs) {
      reached += each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS) ? 1 : 0;
    }
    return reached;
  }

  private final Part part;
  private final Fault fault;
  private final int failing;
  private final Map<Part, AtomicInteger> calls = new EnumMap<>(Part.class);
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile boolean armed;
  private volatile @Nullable Thread hung;

  /**
   * Nothing goes wrong before {@link #arm}.
   *
   * @param failing the number of the call that goes wrong, from 1
   */
  ForeignCalls(Part part, Fault fault, int failing) {
    this.part = part;
    this.fault = fault;
    this.failing = failing;
    for (Part one : Part.values()) {
      calls.put(one, new AtomicInteger());
    }
  }

  void arm() {
    armed = true;
  }

  void disarm() {
    armed = false;
  }

  /** Lets a call that hangs go on. */
  void release() {
    released.countDown();
  }

  /** The thread of a call that hangs, or once did; null if there was none. */
  @Nullable Thread hung() {
    return hung;
  }

  /** Heeds no interrupts, as some drivers. */
  private void hang() {
    hung = Thread.currentThread();
    boolean interrupted = false;
    while (true) {
      try {
        released.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many calls of a part there were. */
  int called(Part part) {
    return counter(part).get();
  }

  /** Whether the call that was to go wrong did. */
  boolean isReached() {
    return called(part) >= failing;
  }

  private AtomicInteger counter(Part part) {
    return Objects.requireNonNull(calls.get(part));
  }

  /** Calls foreign code, or goes wrong. */
  <T> T call(Part called, Callable<T> call) {
    int number = armed ? counter(called).incrementAndGet() : 0;
    boolean fails = called == part && number == failing;
    if (fails && fault == Fault.HANG) {
      hang();
      fails = false;
    }
    if (fails && !fault.after) {
      throw ForeignCalls.<RuntimeException>sneaky(fault.failure.get());
    }
    T result;
    try {
      result = call.call();
    } catch (Exception e) {
      throw ForeignCalls.<RuntimeException>sneaky(e);
    }
    if (fails) {
      throw ForeignCalls.<RuntimeException>sneaky(fault.failure.get());
    }
    return result;
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X sneaky(Throwable t) throws X {
    throw (X) t;
  }

  /**
   * All calls of an interface.
   *
   * @param before is given the name of each, and may throw instead of it
   */
  <T> T proxy(Class<T> type, T target, Part called, Consumer<String> before) {
    return type.cast(
        Proxy.newProxyInstance(
            ForeignCalls.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (method.getDeclaringClass() == Object.class) {
                return method.invoke(target, arguments);
              }
              before.accept(method.getName());
              return call(
                  called,
                  () -> {
                    try {
                      return method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                      throw ForeignCalls.<RuntimeException>sneaky(
                          Objects.requireNonNull(e.getCause()));
                    }
                  });
            }));
  }

  /** To look at a clock. */
  Ticker ticker(Ticker clock) {
    return new Ticker() {
      @Override
      public long nanos() {
        return call(Part.TICKER, clock::nanos);
      }

      @Override
      public void sleep(long nanos) throws InterruptedException {
        clock.sleep(nanos);
      }

      @Override
      public <T> T await(CompletableFuture<T> future, long nanos)
          throws InterruptedException, ExecutionException, TimeoutException {
        return clock.await(future, nanos);
      }
    };
  }

  Codec<String> codec(Codec<String> codec) {
    return new Codec<>() {
      @Override
      public byte[] encode(String value) throws Exception {
        return call(Part.CODEC, () -> codec.encode(value));
      }

      @Override
      public String decode(byte[] bytes) throws Exception {
        return call(Part.CODEC, () -> codec.decode(bytes));
      }
    };
  }

  LockProvider locks(LockProvider locks) {
    return (key, deadline) -> tryAcquire(locks, key, deadline);
  }

  private LockAttempt tryAcquire(LockProvider locks, SlotKey key, Deadline deadline) {
    LockAttempt[] granted = new LockAttempt[1];
    try {
      LockAttempt attempt =
          call(
              Part.LOCKS,
              () -> {
                granted[0] = locks.tryAcquire(key, deadline);
                return granted[0];
              });
      if (attempt instanceof LockAttempt.Held held) {
        return new LockAttempt.Held(
            until -> call(Part.HOLDER, () -> held.holder().awaitGone(until)));
      }
      return new LockAttempt.Acquired(handle(((LockAttempt.Acquired) attempt).handle()));
    } catch (Throwable t) {
      // An attempt that throws leaves no lock behind: that is the provider's part.
      if (granted[0] instanceof LockAttempt.Acquired acquired) {
        acquired.handle().close();
      }
      throw t;
    }
  }

  private LockHandle handle(LockHandle handle) {
    return new LockHandle() {
      @Override
      public long fence() {
        return call(Part.HANDLE, handle::fence);
      }

      @Override
      public void close() {
        // It never throws without having given the lock back.
        handle.close();
        Object unused = call(Part.HANDLE, () -> handle);
      }
    };
  }
}
