package io.tidemark.memory;

import static io.tidemark.engine.LincheckOptions.assertFinds;

import io.tidemark.engine.EditedCopy;
import io.tidemark.engine.LincheckOptions;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One lock of {@link LocalLocks}, checked by Lincheck: one holder at a time, fences that grow with
 * every holding, and a handle that gives back no holding but its own.
 */
@Tag("longer")
class LocalLocksLincheckTest {
  private static final SlotKey KEY = new SlotKey("test", "k");
  private static final int NOT_ACQUIRED = 0;
  private static final int MOST_THREADS = 4;

  @Test
  void acquireAndClose_anySchedule_areOfALock() {
    model().check(AsItIs.class);
  }

  @Test
  void tryAcquire_holdingIsPutWithoutComparing_isFoundWrong() throws Exception {
    assertFinds(model().iterations(0), WithTwoHolders.class);
  }

  @Test
  void close_givesBackWhateverIsHeld_isFoundWrong() throws Exception {
    assertFinds(model().iterations(0), WithForeignClose.class);
  }

  private static ModelCheckingOptions model() {
    return LincheckOptions.model(
            Lock.class,
            Set.of(ConcurrentHashMap.class),
            name -> name.startsWith("io.tidemark.spi."))
        .iterations(LincheckOptions.scenarios(20))
        .actorsPerThread(3)
        .addCustomScenario(closeTwice());
  }

  /** Where the second {@code close} comes, the other thread may have the lock. */
  private static ExecutionScenario closeTwice() {
    Actor close = LincheckOptions.call(Operations.class, "close", 0);
    Actor take = LincheckOptions.call(Operations.class, "tryAcquire", 0);
    Actor takeToo = LincheckOptions.call(Operations.class, "tryAcquire", 1);
    return LincheckOptions.scenario(List.of(take, close, close), List.of(takeToo, takeToo));
  }

  /** What the operations do one after the other. */
  public static final class Lock {
    private int lastFence;
    private int held = NOT_ACQUIRED;
    private final int[] fences = new int[MOST_THREADS];

    /** A lock that nobody holds. */
    public Lock() {}

    /** See {@link Operations#tryAcquire}. */
    public int tryAcquire(int thread) {
      if (held != NOT_ACQUIRED) {
        return NOT_ACQUIRED;
      }
      held = ++lastFence;
      fences[thread] = held;
      return held;
    }

    /** See {@link Operations#close}. */
    public void close(int thread) {
      if (held == fences[thread]) {
        held = NOT_ACQUIRED;
      }
    }
  }

  /** The operations that Lincheck calls. */
  @Param(name = "thread", gen = ThreadIdGen.class)
  abstract static class Operations {
    private final LockProvider locks;
    private final @Nullable LockHandle[] handles = new LockHandle[MOST_THREADS];

    Operations(Supplier<LockProvider> locks) {
      this.locks = locks.get();
    }

    /** Returns the fence, or {@link #NOT_ACQUIRED}. */
    @Operation
    public int tryAcquire(@Param(name = "thread") int thread) throws InterruptedException {
      if (locks.tryAcquire(KEY, Deadline.after(Duration.ofHours(1), () -> 0))
          instanceof LockAttempt.Acquired acquired) {
        handles[thread] = acquired.handle();
        return (int) acquired.handle().fence();
      }
      return NOT_ACQUIRED;
    }

    /** Closes the thread's last handle, for the first time or again. */
    @Operation
    public void close(@Param(name = "thread") int thread) {
      LockHandle handle = handles[thread];
      if (handle != null) {
        handle.close();
      }
    }
  }

  /** The real locks. */
  public static final class AsItIs extends Operations {
    public AsItIs() {
      super(new Locks());
    }
  }

  /** Two threads at once take the lock. */
  public static final class WithTwoHolders extends Operations {
    private static final Supplier<LockProvider> COPY =
        EditedCopy.of(
            "WithTwoHolders",
            Locks.class,
            LockProvider.class,
            LocalLocks.class,
            "Safeguard ONE_HOLDER",
            "holdings.putIfAbsent(key, mine);",
            "holdings.get(key); if (other == null) { holdings.put(key, mine); }");

    public WithTwoHolders() {
      super(COPY);
    }
  }

  /** Closing a handle twice releases the lock of the next holder. */
  public static final class WithForeignClose extends Operations {
    private static final Supplier<LockProvider> COPY =
        EditedCopy.of(
            "WithForeignClose",
            Locks.class,
            LockProvider.class,
            LocalLocks.class,
            "Safeguard OWN_HOLDING",
            "holdings.remove(key, this);",
            "holdings.remove(key);");

    public WithForeignClose() {
      super(COPY);
    }
  }

  /** Locks whose clock stands still, so their fences are 1, 2, 3. */
  static final class Locks implements Supplier<LockProvider> {
    @Override
    public LockProvider get() {
      return LocalLocks.create(() -> Instant.EPOCH);
    }
  }
}
