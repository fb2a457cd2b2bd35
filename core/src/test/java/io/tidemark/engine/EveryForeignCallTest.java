package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.CallOptions;
import io.tidemark.ClaimRule;
import io.tidemark.FallbackPolicy;
import io.tidemark.Origin;
import io.tidemark.RefreshAhead;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WarmOptions;
import io.tidemark.WriteOutcome;
import io.tidemark.engine.ForeignCalls.Fault;
import io.tidemark.engine.ForeignCalls.Part;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fails one call of foreign code in a fixed course of calls: the first of its kind, then the
 * second, until there is none. Whatever its caller is told, afterwards every key can be read and
 * written, no lock and no place is kept, and repairs and renewals go on.
 */
class EveryForeignCallTest {
  private static final List<String> KEYS = List.of("a", "b", "c", "d", "e");
  private static final int AT_ONCE = 32;
  private static final Duration TTL = Duration.ofSeconds(100);

  /** After its deadline; a caller that is left waits for {@link #MAX_LOAD_TIME} at least. */
  private static final Duration MERCY = PATIENCE.dividedBy(6);

  private static final Duration MAX_LOAD_TIME = PATIENCE.multipliedBy(2);

  private final ExecutorService callers = Executors.newCachedThreadPool();

  @AfterEach
  void close() {
    callers.shutdownNow();
  }

  @ParameterizedTest
  @EnumSource(value = Part.class, mode = EnumSource.Mode.EXCLUDE, names = "TICKER")
  void anyForeignCall_error_keysLimitsRepairsAndLoopsStillWork(Part part) throws Exception {
    failEachInTurn(part, Fault.ERROR);
  }

  /** The clock is looked at some hundred times. */
  @Tag("thorough")
  @Test
  void anyLookAtTheClock_error_keysLimitsRepairsAndLoopsStillWork() throws Exception {
    failEachInTurn(Part.TICKER, Fault.ERROR);
  }

  @Tag("thorough")
  @ParameterizedTest
  @EnumSource(Part.class)
  void anyForeignCall_lateException_keysLimitsRepairsAndLoopsStillWork(Part part) throws Exception {
    failEachInTurn(part, Fault.LATE_EXCEPTION);
  }

  /** Of those that may block. */
  @Tag("thorough")
  @ParameterizedTest
  @EnumSource(
      value = Part.class,
      names = {"SOURCE", "REPLICA", "CODEC", "STORE", "LOCKS", "HOLDER", "WRITE", "PROGRESS"})
  void anyForeignCall_hangs_holdsUpNobodyElse(Part part) throws Exception {
    failEachInTurn(part, Fault.HANG);
  }

  private void failEachInTurn(Part part, Fault fault) throws Exception {
    int unused = ForeignCalls.failEachInTurn(callers, AT_ONCE, n -> run(part, fault, n));
  }

  private static boolean run(Part part, Fault fault, int n) {
    try (World world = new World(part, fault, n)) {
      world.live();
      world.heal();
      world.checkHealth();
      return world.foreign.isReached();
    } catch (Throwable t) {
      throw new AssertionError("call %d of %s, %s".formatted(n, part, fault), t);
    }
  }

  /** One run: a cache whose every foreign part may fail once. */
  private static final class World implements AutoCloseable {
    private final ForeignCalls foreign;
    private final Duration deadline;
    private final AtomicLong storeNanos = new AtomicLong();
    private final InMemoryStore slots = InMemoryStore.create(storeNanos::get);
    private final LockProvider locks = LocalLocks.create();
    private final Table table = new Table();
    private final AtomicInteger renewals = new AtomicInteger();
    private volatile boolean storeAway;
    private volatile boolean locksAway;
    private volatile boolean sourceHangs;
    private volatile boolean asyncWriteBegun;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final StoppableClock clock = new StoppableClock();
    private final ScheduledExecutorService timer = clock.newTimer();
    private final List<Future<?>> held = new ArrayList<>();
    private final Gate gate = new Gate();
    private final VersionedCache<String, String> cache;
    private final AtomicLong version = new AtomicLong();

    World(Part part, Fault fault, int failing) {
      foreign = new ForeignCalls(part, fault, failing);
      // Only what hangs lets calls come to their deadlines, one after the other.
      deadline = fault == Fault.HANG ? Duration.ofMillis(200) : Duration.ofSeconds(1);
      cache = newCache();
    }

    private VersionedCache<String, String> newCache() {
      return VersionedCache.<String, String>builder("test")
          .source(key -> foreign.call(Part.SOURCE, () -> load(key)))
          .replica(key -> foreign.call(Part.REPLICA, () -> table.load(key)))
          .store(foreign.proxy(SlotStore.class, slots, Part.STORE, this::beforeStore))
          .locks(foreign.locks(this::tryAcquire))
          .codec(foreign.codec(new StringCodec()))
          .keyEncoder(key -> foreign.call(Part.KEY_ENCODER, () -> key))
          .listener(event -> foreign.call(Part.LISTENER, () -> event))
          .executor(
              task ->
                  foreign.call(
                      Part.EXECUTOR,
                      () -> {
                        threads.execute(task);
                        return task;
                      }))
          .scheduler(
              foreign.proxy(ScheduledExecutorService.class, timer, Part.SCHEDULER, verb -> {}))
          .ticker(foreign.ticker(clock))
          .ttl(TTL)
          .ttlJitter(0)
          .grace(TTL)
          .replicaLag(TTL)
          .refreshAhead(RefreshAhead.afterFraction(0.5))
          .onFallback(FallbackPolicy.LOAD)
          .maxFallbackLoads(1)
          .maxFallbackQueue(10)
          .claimLife(Duration.ofMillis(30))
          .deadline(deadline)
          .maxLoadTime(MAX_LOAD_TIME)
          .build();
    }

    private LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
      if (locksAway) {
        throw new UnavailableException(key, "away", null);
      }
      return locks.tryAcquire(key, deadline);
    }

    private void beforeStore(String verb) {
      if (verb.equals("renew")) {
        renewals.incrementAndGet();
      }
      if (storeAway && !verb.equals("check")) {
        throw new UnavailableException(null, "away", null);
      }
    }

    private Row<String> load(String key) {
      if (sourceHangs) {
        gate.passUninterrupted();
      }
      return table.load(key);
    }

    private Row<String> write(String key) {
      return foreign.call(Part.WRITE, () -> table.put(key, "v", version.incrementAndGet()));
    }

    private Row<String> writeAsync() {
      asyncWriteBegun = true;
      return write("b");
    }

    /** The course of calls; what each comes to is not looked at. */
    private void live() throws Exception {
      KEYS.forEach(key -> table.put(key, "v0", version.incrementAndGet()));
      foreign.arm();
      attempt(() -> cache.get("a"));
      attempt(() -> cache.get("a"));
      attempt(() -> cache.readAsync("b").get());
      attempt(() -> cache.getAsync("b").get());
      attempt(() -> cache.update("a", () -> write("a")));
      attempt(() -> cache.updateAsync("b", this::writeAsync).get());
      asyncWriteBegun = false;
      attempt(() -> cache.publish("a", table.put("a", "p", version.incrementAndGet())));
      attempt(
          () ->
              cache.publishAll(
                  Map.of(
                      "a", table.put("a", "m", version.incrementAndGet()),
                      "d", table.put("d", "m", version.incrementAndGet()))));
      attempt(() -> cache.refresh("a"));
      attempt(() -> cache.invalidate("b"));
      attempt(() -> cache.invalidateAll(List.of("a", "b")));
      attemptWithoutDeadline(
          () ->
              cache.warm(
                  List.of("a", "b", "c"),
                  WarmOptions.defaults()
                      .onProgress(report -> foreign.call(Part.PROGRESS, () -> report))));
      pass(TTL.multipliedBy(3).dividedBy(4));
      attempt(() -> cache.get("a"));
      pass(TTL.dividedBy(2));
      attempt(() -> cache.get("b"));
      attempt(this::readWhileTheLockIsHeld);
      giveUpALoad();
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
      attemptWithoutDeadline(cache::check);
      attemptWithoutDeadline(
          () -> cache.clear(removed -> foreign.call(Part.PROGRESS, () -> removed)));
    }

    /** An interrupt ends the repeating. */
    private WriteOutcome publishUnrepeated(String key) {
      Thread.currentThread().interrupt();
      try {
        return cache.publish(key, table.put(key, "p", version.incrementAndGet()));
      } finally {
        boolean unused = Thread.interrupted();
      }
    }

    private Object readWhileTheLockIsHeld() throws Exception {
      LockHandle other =
          ((LockAttempt.Acquired) locks.tryAcquire(slotKey("d"), Deadline.after(PATIENCE)))
              .handle();
      int asked = foreign.called(Part.HOLDER) + foreign.called(Part.LOCKS);
      Future<?> reading = threads.submit(() -> cache.get("d"));
      held.add(reading);
      while (!reading.isDone()
          && foreign.hung() == null
          && foreign.called(Part.HOLDER) + foreign.called(Part.LOCKS) < asked + 2) {
        Thread.sleep(1);
      }
      other.close();
      return foreign.hung() == null ? reading.get() : "later";
    }

    /** The next caller, at the latest, finds that the load takes too long. */
    private void giveUpALoad() throws Exception {
      slots.clear("test", removed -> {});
      sourceHangs = true;
      Future<?> reading = threads.submit(() -> cache.get("c"));
      held.add(reading);
      while (!reading.isDone() && !gate.isReached() && foreign.hung() == null) {
        Thread.sleep(1);
      }
      sourceHangs = false;
      clock.skip(MAX_LOAD_TIME);
      attempt(() -> cache.get("c"));
      attempt(() -> cache.get("c"));
      gate.open();
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

    /** A call, which is over by its deadline, whatever it comes to: then the clock stands still. */
    private void attempt(Callable<?> call) throws InterruptedException {
      clock.stopAfter(deadline.plus(MERCY));
      attemptWithoutDeadline(call);
      clock.goOn();
    }

    /**
     * Goes on without a call whose own thread hangs in what it has called, and without a write on
     * another thread that has begun: it takes as long as it takes.
     */
    private void attemptWithoutDeadline(Callable<?> call) throws InterruptedException {
      AtomicReference<Thread> caller = new AtomicReference<>();
      Future<?> result =
          threads.submit(
              () -> {
                caller.set(Thread.currentThread());
                return call.call();
              });
      while (true) {
        try {
          result.get(1, TimeUnit.MILLISECONDS);
          return;
        } catch (ExecutionException e) {
          // Anything may be told; what counts is what is possible afterwards.
          return;
        } catch (TimeoutException e) {
          Thread hung = foreign.hung();
          if (hung != null && (hung == caller.get() || asyncWriteBegun)) {
            held.add(result);
            return;
          }
        }
      }
    }

    private void pass(Duration time) {
      storeNanos.addAndGet(time.toNanos());
    }

    private void heal() throws Exception {
      foreign.disarm();
      foreign.release();
      for (Future<?> one : held) {
        attemptWithoutDeadline(one::get);
      }
      // Loads of before the time that was skipped are given up.
      for (String key : KEYS) {
        attempt(() -> cache.get(key));
        attempt(() -> cache.refresh(key));
      }
    }

    /** With a deadline that only a hang misses. */
    private void checkHealth() throws Exception {
      VersionedCache<String, String> patient = cache.with(CallOptions.none().deadline(PATIENCE));
      for (String key : KEYS) {
        Row<String> row = table.load(key);
        // A repair may be on its way, and a load ahead, which end by themselves.
        await().ignoreExceptions().until(() -> patient.get(key).equals(valueOf(row)));
        Row<String> next = table.put(key, "w", version.incrementAndGet());
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
