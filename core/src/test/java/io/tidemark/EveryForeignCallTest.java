package io.tidemark;

import static io.tidemark.Fleet.slotKey;
import static io.tidemark.Patience.PATIENCE;
import static io.tidemark.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fails one call of foreign code in a fixed course of calls: the first of its kind, then the
 * second, until there is none. Whatever its caller is told, afterwards every key can be read and
 * written, no lock and no place is kept, and repairs and renewals go on.
 */
class EveryForeignCallTest {
  private static final List<String> KEYS = List.of("a", "b", "c", "d", "e");
  private static final int AT_ONCE = 8;
  private static final Duration TTL = Duration.ofSeconds(100);

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
    WRITE,
    PROGRESS
  }

  /** What one call does instead of what it should. */
  @SuppressWarnings("ImmutableEnumChecker") // What makes the failures has no state.
  enum Fault {
    /** It does nothing. */
    ERROR(() -> new OutOfMemoryError("injected"), false),
    /** It does what it should, and its answer is lost. */
    LATE_EXCEPTION(() -> new IllegalStateException("injected"), true);

    private final Supplier<Throwable> failure;
    private final boolean after;

    Fault(Supplier<Throwable> failure, boolean after) {
      this.failure = failure;
      this.after = after;
    }
  }

  private final ExecutorService callers = Executors.newCachedThreadPool();

  @AfterEach
  void close() {
    callers.shutdownNow();
  }

  @ParameterizedTest
  @EnumSource(Part.class)
  void anyForeignCall_error_keysLimitsRepairsAndLoopsStillWork(Part part) throws Exception {
    failEachInTurn(part, Fault.ERROR);
  }

  @Tag("thorough")
  @ParameterizedTest
  @EnumSource(Part.class)
  void anyForeignCall_lateException_keysLimitsRepairsAndLoopsStillWork(Part part) throws Exception {
    failEachInTurn(part, Fault.LATE_EXCEPTION);
  }

  private void failEachInTurn(Part part, Fault fault) throws Exception {
    int n = 1;
    while (AT_ONCE == runAtOnce(part, fault, n)) {
      n += AT_ONCE;
    }
  }

  /** Runs some worlds, which mostly wait. Returns in how many of them the call was reached. */
  private int runAtOnce(Part part, Fault fault, int first) throws Exception {
    List<Future<Boolean>> runs = new ArrayList<>();
    for (int n = first; n < first + AT_ONCE; n++) {
      int failing = n;
      runs.add(callers.submit(() -> run(part, fault, failing)));
    }
    int reached = 0;
    for (Future<Boolean> run : runs) {
      reached += run.get(PATIENCE.toSeconds(), TimeUnit.SECONDS) ? 1 : 0;
    }
    return reached;
  }

  private static boolean run(Part part, Fault fault, int n) {
    try (World world = new World(part, fault, n)) {
      world.live();
      world.heal();
      world.checkHealth();
      return world.called(part) >= n;
    } catch (Throwable t) {
      throw new AssertionError("call %d of %s, %s".formatted(n, part, fault), t);
    }
  }

  /** One run: a cache whose every foreign part may fail once. */
  private static final class World implements AutoCloseable {
    private final Part part;
    private final Fault fault;
    private final int failing;
    private volatile boolean armed;
    private final Map<Part, AtomicInteger> calls = new EnumMap<>(Part.class);
    private final AtomicLong storeNanos = new AtomicLong();
    private final InMemoryStore slots = InMemoryStore.create(storeNanos::get);
    private final LockProvider locks = LocalLocks.create();
    private final Table table = new Table();
    private final AtomicInteger renewals = new AtomicInteger();
    private volatile boolean storeAway;
    private volatile boolean locksAway;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private final VersionedCache<String, String> cache;
    private long version;

    World(Part part, Fault fault, int failing) {
      this.part = part;
      this.fault = fault;
      this.failing = failing;
      for (Part one : Part.values()) {
        calls.put(one, new AtomicInteger());
      }
      cache = newCache();
    }

    private VersionedCache<String, String> newCache() {
      Codec<String> codec = new StringCodec();
      return VersionedCache.<String, String>builder("test")
          .source(key -> call(Part.SOURCE, () -> table.load(key)))
          .replica(key -> call(Part.REPLICA, () -> table.load(key)))
          .store(proxy(SlotStore.class, slots, Part.STORE))
          .locks((key, deadline) -> tryAcquire(key, deadline))
          .codec(
              new Codec<String>() {
                @Override
                public byte[] encode(String value) throws Exception {
                  return call(Part.CODEC, () -> codec.encode(value));
                }

                @Override
                public String decode(byte[] bytes) throws Exception {
                  return call(Part.CODEC, () -> codec.decode(bytes));
                }
              })
          .keyEncoder(key -> call(Part.KEY_ENCODER, () -> key))
          .listener(event -> call(Part.LISTENER, () -> event))
          .executor(
              task ->
                  call(
                      Part.EXECUTOR,
                      () -> {
                        threads.execute(task);
                        return task;
                      }))
          .scheduler(proxy(ScheduledExecutorService.class, timer, Part.SCHEDULER))
          .ttl(TTL)
          .ttlJitter(0)
          .grace(TTL)
          .replicaLag(TTL)
          .refreshAhead(RefreshAhead.afterFraction(0.5))
          .onFallback(FallbackPolicy.LOAD)
          .maxFallbackLoads(1)
          .maxFallbackQueue(10)
          .claimLife(Duration.ofMillis(30))
          .deadline(Duration.ofSeconds(2))
          .maxLoadTime(PATIENCE)
          .build();
    }

    private AtomicInteger counter(Part part) {
      return Objects.requireNonNull(calls.get(part));
    }

    /** How many calls of a part there were. */
    int called(Part part) {
      return counter(part).get();
    }

    /** Calls foreign code, or fails. */
    private <T> T call(Part called, Callable<T> call) {
      int number = armed ? counter(called).incrementAndGet() : 0;
      boolean fails = called == part && number == failing;
      if (fails && !fault.after) {
        throw World.<RuntimeException>sneaky(fault.failure.get());
      }
      T result;
      try {
        result = call.call();
      } catch (Exception e) {
        throw World.<RuntimeException>sneaky(e);
      }
      if (fails) {
        throw World.<RuntimeException>sneaky(fault.failure.get());
      }
      return result;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> X sneaky(Throwable t) throws X {
      throw (X) t;
    }

    private <T> T proxy(Class<T> type, T target, Part called) {
      return type.cast(
          Proxy.newProxyInstance(
              World.class.getClassLoader(),
              new Class<?>[] {type},
              (self, method, arguments) -> {
                if (method.getDeclaringClass() == Object.class) {
                  return method.invoke(target, arguments);
                }
                if (called == Part.STORE) {
                  if (method.getName().equals("renew")) {
                    renewals.incrementAndGet();
                  }
                  if (storeAway && !method.getName().equals("check")) {
                    throw new UnavailableException(null, "away", null);
                  }
                }
                return call(
                    called,
                    () -> {
                      try {
                        return method.invoke(target, arguments);
                      } catch (InvocationTargetException e) {
                        throw World.<RuntimeException>sneaky(Objects.requireNonNull(e.getCause()));
                      }
                    });
              }));
    }

    private LockAttempt tryAcquire(SlotKey key, Deadline deadline) {
      if (locksAway) {
        throw new UnavailableException(key, "away", null);
      }
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

    private Row<String> write(String key) {
      return call(Part.WRITE, () -> table.put(key, "v" + ++version, version));
    }

    /** The course of calls; what each comes to is not looked at. */
    private void live() {
      KEYS.forEach(key -> table.put(key, "v0", ++version));
      armed = true;
      attempt(() -> cache.get("a"));
      attempt(() -> cache.get("a"));
      attempt(() -> cache.readAsync("b").get());
      attempt(() -> cache.getAsync("b").get());
      attempt(() -> cache.update("a", () -> write("a")));
      attempt(() -> cache.updateAsync("b", () -> write("b")).get());
      attempt(() -> cache.publish("a", table.put("a", "p", ++version)));
      attempt(() -> cache.refresh("a"));
      attempt(() -> cache.invalidate("b"));
      attempt(
          () ->
              cache.warm(
                  List.of("a", "b", "c"),
                  WarmOptions.defaults().onProgress(report -> call(Part.PROGRESS, () -> report))));
      pass(TTL.multipliedBy(3).dividedBy(4));
      attempt(() -> cache.get("a"));
      pass(TTL.dividedBy(2));
      attempt(() -> cache.get("b"));
      attempt(this::readWhileTheLockIsHeld);
      locksAway = true;
      attempt(() -> cache.get("e"));
      attempt(() -> cache.update("e", ClaimRule.BEST_EFFORT, () -> write("e")));
      locksAway = false;
      storeAway = true;
      attempt(() -> cache.get("e"));
      attempt(() -> publishUnrepeated("c"));
      storeAway = false;
      attempt(() -> cache.update("d", () -> writeForAWhile("d")));
      attempt(() -> cache.explain("a"));
      attempt(cache::check);
      attempt(() -> cache.clear(removed -> call(Part.PROGRESS, () -> removed)));
    }

    /** An interrupt ends the repeating. */
    private WriteOutcome publishUnrepeated(String key) {
      Thread.currentThread().interrupt();
      try {
        return cache.publish(key, table.put(key, "p", ++version));
      } finally {
        boolean unused = Thread.interrupted();
      }
    }

    private Object readWhileTheLockIsHeld() throws Exception {
      LockHandle held =
          ((LockAttempt.Acquired) locks.tryAcquire(slotKey("d"), Deadline.after(PATIENCE)))
              .handle();
      int asked = called(Part.HOLDER) + called(Part.LOCKS);
      Future<?> reading = threads.submit(() -> cache.get("d"));
      while (!reading.isDone() && called(Part.HOLDER) + called(Part.LOCKS) < asked + 2) {
        Thread.sleep(1);
      }
      held.close();
      return reading.get();
    }

    /** Long enough for a renewal or two, if any comes. */
    private Row<String> writeForAWhile(String key) throws InterruptedException {
      Thread.sleep(25);
      return write(key);
    }

    private Row<String> writeUntilRenewed(String key) throws InterruptedException {
      int before = renewals.get();
      while (renewals.get() < before + 2) {
        Thread.sleep(1);
      }
      return write(key);
    }

    private static void attempt(Callable<?> call) {
      try {
        Object unused = call.call();
      } catch (Throwable t) {
        // Anything may be told; what counts is what is possible afterwards.
      }
    }

    private void pass(Duration time) {
      storeNanos.addAndGet(time.toNanos());
    }

    private void heal() {
      armed = false;
    }

    /** With a deadline that only a hang misses. */
    private void checkHealth() throws Exception {
      VersionedCache<String, String> patient = cache.with(CallOptions.none().deadline(PATIENCE));
      for (String key : KEYS) {
        Row<String> row = table.load(key);
        // A repair may be on its way, and a load ahead, which end by themselves.
        await().until(() -> patient.get(key).equals(valueOf(row)));
        Row<String> next = table.put(key, "w", ++version);
        assertThat(patient.update(key, () -> next).row()).as(key).isEqualTo(next);
        assertThat(patient.get(key)).as(key).isEqualTo(valueOf(next));
        assertThat(patient.getAsync(key).get()).as(key).isEqualTo(valueOf(next));
        assertThat(patient.refresh(key).value()).as(key).isEqualTo(valueOf(next));
        LockAttempt[] attempt = new LockAttempt[1];
        await()
            .until(
                () -> {
                  attempt[0] = locks.tryAcquire(slotKey(key), Deadline.after(PATIENCE));
                  return attempt[0] instanceof LockAttempt.Acquired;
                });
        ((LockAttempt.Acquired) attempt[0]).handle().close();
      }
      checkFallbackLimit(patient);
      checkRepairs(patient);
      checkRenewals(patient);
    }

    private static Optional<String> valueOf(Row<String> row) {
      return row instanceof Row.Present<String> present
          ? Optional.of(present.value())
          : Optional.empty();
    }

    /** There is one place. */
    private void checkFallbackLimit(VersionedCache<String, String> patient) {
      patient.clear();
      locksAway = true;
      for (String key : KEYS) {
        assertThat(patient.read(key).origin()).isEqualTo(Origin.SOURCE_FALLBACK);
      }
      locksAway = false;
    }

    private void checkRepairs(VersionedCache<String, String> patient) {
      await()
          .until(
              () -> {
                patient.get("a");
                return patient.read("a").origin() == Origin.CACHE;
              });
      storeAway = true;
      assertThat(publishUnrepeated("a")).isEqualTo(WriteOutcome.UNKNOWN);
      storeAway = false;
      await().until(() -> patient.get("a").equals(Optional.of("p")));
    }

    private void checkRenewals(VersionedCache<String, String> patient) throws Exception {
      assertThat(patient.update("b", () -> writeUntilRenewed("b")).outcome())
          .isEqualTo(WriteOutcome.STORED);
    }

    @Override
    public void close() {
      cache.close();
      threads.shutdownNow();
      timer.shutdownNow();
    }
  }
}
