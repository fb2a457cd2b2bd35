package io.tidemark.engine;

import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheBuilder;
import io.tidemark.CacheClosedException;
import io.tidemark.CacheEvent;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.CallOptions;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.engine.ForeignCalls.Fault;
import io.tidemark.engine.ForeignCalls.Part;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Closes a cache with loads and writes under way and writes that wait, and fails one call of
 * foreign code meanwhile: the first of its kind, then the second, until there is none. The end owes
 * the same whatever fails.
 */
class EveryForeignCallOfCloseTest {
  private static final List<String> LOADED = List.of("load1", "load2");
  private static final List<String> WRITTEN = List.of("write1", "write2");
  private static final List<String> WAITING = List.of("wait1", "wait2");
  private static final String QUEUED = "queued";
  private static final int AT_ONCE = 8;
  private static final Duration DEADLINE = Duration.ofSeconds(1);
  private static final AtomicInteger WORLDS = new AtomicInteger();

  private final ExecutorService callers = Executors.newCachedThreadPool();

  @AfterEach
  void close() {
    callers.shutdownNow();
  }

  @ParameterizedTest
  @EnumSource(
      value = Part.class,
      names = {"STORE", "HANDLE", "LISTENER", "EXECUTOR", "TICKER"})
  void close_anyForeignCallThrowsAnError_owesTheSame(Part part) throws Exception {
    failEachInTurn(part, Fault.ERROR);
  }

  @ParameterizedTest
  @EnumSource(
      value = Part.class,
      names = {"STORE", "HANDLE", "LISTENER", "EXECUTOR", "TICKER"})
  void close_anyForeignCallThrowsLate_owesTheSame(Part part) throws Exception {
    failEachInTurn(part, Fault.LATE_EXCEPTION);
  }

  private void failEachInTurn(Part part, Fault fault) throws Exception {
    int reached = ForeignCalls.failEachInTurn(callers, AT_ONCE, n -> run(part, fault, n));
    assertThat(reached).as("calls of %s", part).isPositive();
  }

  private static boolean run(Part part, Fault fault, int n) {
    try (World world = new World(part, new ForeignCalls(part, fault, n))) {
      world.begin();
      world.end();
      world.check();
      return world.foreign.isReached();
    } catch (Throwable t) {
      throw new AssertionError("call %d of %s, %s".formatted(n, part, fault), t);
    }
  }

  /** One run. */
  private static final class World implements AutoCloseable {
    private final String name = "closing" + WORLDS.incrementAndGet();
    private final Part part;
    private final ForeignCalls foreign;
    private final StoppableClock clock = new StoppableClock();
    private final InMemoryStore slots = InMemoryStore.create(() -> 0);
    private final LockProvider locks = LocalLocks.create();
    private final Set<String> begun = ConcurrentHashMap.newKeySet();
    private final Set<String> ran = ConcurrentHashMap.newKeySet();
    private final AtomicInteger waits = new AtomicInteger();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final ExecutorService threads =
        Executors.newCachedThreadPool(task -> new Thread(task, name + "-caller"));
    private final ScheduledExecutorService timer = clock.newTimer();
    private final List<LockHandle> others = new ArrayList<>();
    private final List<Future<?>> loading = new ArrayList<>();
    private final List<Future<WriteResult<String>>> writing = new ArrayList<>();
    private final List<Future<?>> waiting = new ArrayList<>();
    private final VersionedCache<String, String> cache;

    World(Part part, ForeignCalls foreign) {
      this.part = part;
      this.foreign = foreign;
      CacheBuilder<String, String> builder =
          VersionedCache.<String, String>builder(name)
              .profile(Fleet.PATIENT)
              .claimLife(Duration.ofMillis(30))
              .deadline(DEADLINE)
              .source(this::load)
              .store(foreign.proxy(SlotStore.class, slots, Part.STORE, verb -> {}))
              .locks(foreign.locks(locks))
              .codec(new StringCodec())
              .listener(event -> foreign.call(Part.LISTENER, () -> note(event)))
              .ticker(foreign.ticker(clock));
      cache =
          part == Part.EXECUTOR
              ? builder
                  .executor(task -> foreign.call(Part.EXECUTOR, () -> threads.submit(task)))
                  .scheduler(timer)
                  .build()
              : builder.maxAsyncWrites(2).build();
    }

    private CacheEvent note(CacheEvent event) {
      if (event.kind() == Kind.LOCK_WAIT) {
        waits.incrementAndGet();
      }
      return event;
    }

    /** It heeds no interrupt, as many a driver. */
    private Row<String> load(String key) {
      begun.add(key);
      while (true) {
        try {
          gate.await();
          return Row.present("loaded", 1);
        } catch (InterruptedException e) {
          // Goes on.
        }
      }
    }

    private Row<String> write(String key) throws InterruptedException {
      begun.add(key);
      gate.await();
      ran.add(key);
      return Row.present("written", 2);
    }

    private SlotKey slotKey(String key) {
      return new SlotKey(name, key);
    }

    private LockAttempt tryAcquire(String key) throws InterruptedException {
      return locks.tryAcquire(slotKey(key), Deadline.after(PATIENCE));
    }

    /** Each kind of call once on its caller's thread, and once without. */
    private void begin() throws InterruptedException {
      for (String key : WAITING) {
        others.add(((LockAttempt.Acquired) tryAcquire(key)).handle());
      }
      VersionedCache<String, String> patient = cache.with(CallOptions.none().deadline(PATIENCE));
      loading.add(threads.submit(() -> patient.get(LOADED.get(0))));
      loading.add(patient.readAsync(LOADED.get(1)));
      writing.add(
          threads.submit(() -> patient.update(WRITTEN.get(0), () -> write(WRITTEN.get(0)))));
      writing.add(patient.updateAsync(WRITTEN.get(1), () -> write(WRITTEN.get(1))));
      waiting.add(
          threads.submit(() -> patient.update(WAITING.get(0), () -> write(WAITING.get(0)))));
      waiting.add(patient.updateAsync(WAITING.get(1), () -> write(WAITING.get(1))));
      await().until(() -> begun.size() == LOADED.size() + WRITTEN.size());
      await().until(() -> waits.get() == WAITING.size());
      await().until(() -> readers().allMatch(World::waits));
      if (part != Part.EXECUTOR) {
        waiting.add(patient.updateAsync(QUEUED, () -> write(QUEUED)));
      }
    }

    /** Where the threads are that read for callers. */
    private Stream<List<StackTraceElement>> readers() {
      return Thread.getAllStackTraces().entrySet().stream()
          .filter(thread -> thread.getKey().getName().contains(name + "-call"))
          .map(thread -> List.of(thread.getValue()))
          .filter(
              frames ->
                  frames.stream()
                      .anyMatch(frame -> frame.getClassName().equals(AsyncDriver.class.getName())));
    }

    /** Until then a caller looks at the clock, which is no part of the end. */
    private static boolean waits(List<StackTraceElement> frames) {
      return frames.stream()
          .anyMatch(
              frame ->
                  frame.getClassName().equals(StoppableClock.class.getName())
                      && frame.getMethodName().equals("await"));
    }

    /** From its deadline on the clock stands still. */
    private void end() throws Exception {
      foreign.arm();
      clock.stopAfter(DEADLINE);
      threads
          .submit(
              () -> {
                cache.close();
                return null;
              })
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      clock.goOn();
      foreign.disarm();
    }

    private void check() throws Exception {
      for (String key : LOADED) {
        LockAttempt attempt = tryAcquire(key);
        assertThat(attempt).as("lock of %s", key).isInstanceOf(LockAttempt.Acquired.class);
        ((LockAttempt.Acquired) attempt).handle().close();
      }
      // Where it is the giving up itself that fails, a claim expires.
      int mayStay = part == Part.STORE || part == Part.EXECUTOR ? 1 : 0;
      await().until(() -> LOADED.stream().filter(this::isClaimed).count() <= mayStay);
      for (Future<?> one : loading) {
        assertThatThrownBy(() -> one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
            .hasCauseInstanceOf(CacheClosedException.class);
      }
      for (Future<?> one : waiting) {
        assertThatThrownBy(() -> one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class);
      }
      others.forEach(LockHandle::close);
      gate.countDown();
      for (Future<WriteResult<String>> one : writing) {
        assertThat(one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).outcome())
            .isEqualTo(WriteOutcome.STORED);
      }
      await().until(() -> ownThreads() == 0);
      assertThat(ran).containsExactlyInAnyOrderElementsOf(WRITTEN);
    }

    private boolean isClaimed(String key) {
      return slots.read(slotKey(key)) instanceof Slot.Pending;
    }

    private long ownThreads() {
      return Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getName().startsWith("tidemark-" + name + "-"))
          .count();
    }

    @Override
    public void close() {
      gate.countDown();
      cache.close();
      threads.shutdownNow();
      timer.shutdownNow();
    }
  }
}
