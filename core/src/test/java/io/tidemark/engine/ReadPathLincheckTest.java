package io.tidemark.engine;

import static io.tidemark.engine.LincheckOptions.assertFinds;

import io.tidemark.ReadResult;
import io.tidemark.UnavailableException;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The rule of {@link Flight}, checked by Lincheck on the real paths: through flights, a row that is
 * written and read is a register. No read is answered with less than a write that returned before
 * the read began, however the threads of a process are scheduled. Two more rules are checked on the
 * way: a key has one flight at a time, and who came too late for one looks again only when it is
 * over.
 *
 * <p>The load runs on the thread of the caller that starts the flight, as Lincheck schedules only
 * the threads of its operations. Each broken copy lacks one thing that the rules rest on, and must
 * be found wrong. Those whose fault the simulation finds as well, in every build, are left to the
 * thorough one here.
 */
@Tag("longer")
class ReadPathLincheckTest {

  /** One row of a database, and the cache that reads and writes go through. */
  public interface CachedRow {

    /** Reads the row through the cache and returns its version. */
    long read();

    /**
     * Writes the row and tells the cache, in one of three ways.
     *
     * @return the new version
     */
    long write(int how);
  }

  @Test
  void readsAndWrites_anySchedule_areOfARegister() {
    model().check(AsItIs.class);
  }

  @Tag("thorough")
  @Test
  void readsAndWrites_storeRefusesFills_areOfARegister() {
    model().check(WithRefusingStore.class);
  }

  @Tag("thorough")
  @Test
  void readsAndWrites_storeAway_areOfARegister() {
    model().check(WithStoreAway.class);
  }

  @Tag("thorough")
  @Test
  void read_everyoneMayHaveWhatTheFlightFound_isFoundWrong() throws Exception {
    assertFinds(model().iterations(0), WithoutSeats.class);
  }

  @Test
  void read_epochBeginsAfterTheFill_isFoundWrong() throws Exception {
    assertFinds(model().iterations(0), WithLateEpochOfFill.class);
  }

  @Tag("thorough")
  @Test
  void read_epochOfARefusedRowBeginsAfterItsFill_isFoundWrong() throws Exception {
    assertFinds(model().iterations(0), WithLateEpochOfRefusedRow.class);
  }

  @Test
  void read_flightIsPutWithoutComparing_isFoundWrong() throws Exception {
    assertFinds(model().iterations(0), WithTwoFlights.class);
  }

  @Test
  void read_flightEndsBeforeItLeavesTheMap_isFoundWrong() throws Exception {
    assertFinds(model().iterations(0), WithEndedFlightInMap.class);
  }

  private static ModelCheckingOptions model() {
    return LincheckEngine.model(Register.class, SlotStore.class)
        .addCustomScenario(readWhileWrittenAndRead(0))
        .addCustomScenario(readWhileWrittenAndRead(2));
  }

  private static ExecutionScenario readWhileWrittenAndRead(int how) {
    Actor read = LincheckOptions.call(Operations.class, "read");
    Actor write = LincheckOptions.call(Operations.class, "write", how);
    return LincheckOptions.scenario(List.of(read, read), List.of(write, read));
  }

  /** What reads and writes do one after the other. */
  public static final class Register implements CachedRow {
    private long version;

    /** A row that was never written. */
    public Register() {}

    @Override
    public long read() {
      return version;
    }

    @Override
    public long write(int how) {
      return ++version;
    }
  }

  /** The operations that Lincheck calls. */
  @Param(name = "how", gen = IntGen.class, conf = "0:2")
  abstract static class Operations {
    private final CachedRow row;

    Operations(Supplier<CachedRow> rows) {
      row = rows.get();
    }

    @Operation
    public long read() {
      return row.read();
    }

    @Operation
    public long write(@Param(name = "how") int how) {
      return row.write(how);
    }
  }

  /** The real paths. */
  public static final class AsItIs extends Operations {
    public AsItIs() {
      super(new RowsInMemory());
    }
  }

  /** The real paths where nothing is cached and every load runs into its last attempt. */
  public static final class WithRefusingStore extends Operations {
    public WithRefusingStore() {
      super(new RowsRefused());
    }
  }

  /** The real paths where every load falls back on the source. */
  public static final class WithStoreAway extends Operations {
    public WithStoreAway() {
      super(new RowsWithoutStore());
    }
  }

  /** A caller that joins late is given what was read before. */
  public static final class WithoutSeats extends Operations {
    private static final Supplier<CachedRow> COPY =
        EditedCopy.of(
            "WithoutSeats",
            RowsInMemory.class,
            CachedRow.class,
            Flight.class,
            "Safeguard FLIGHT_EPOCHS",
            "epoch < landing.epoch()",
            "true");

    public WithoutSeats() {
      super(COPY);
    }
  }

  /** A caller that joins after a fill is given its row. */
  public static final class WithLateEpochOfFill extends Operations {
    private static final Supplier<CachedRow> COPY =
        EditedCopy.of(
            "WithLateEpochOfFill",
            RowsInMemory.class,
            CachedRow.class,
            Loader.class,
            "Safeguard EPOCH_OF_FILL",
            """
                long epoch = epochs.advance();
                LoadOutcome<V> outcome =
                    fills.outcome(claim.key(), loaded, epoch, offer(claim, entry, FloorRule.AT_OR_ABOVE));
            """,
            """
                Optional<FillAnswer> answer = offer(claim, entry, FloorRule.AT_OR_ABOVE);
                LoadOutcome<V> outcome =
                    fills.outcome(claim.key(), loaded, epochs.advance(), answer);
            """);

    public WithLateEpochOfFill() {
      super(COPY);
    }
  }

  /** A caller that joins after a read is given its row, although it was not stored. */
  public static final class WithLateEpochOfRefusedRow extends Operations {
    private static final Supplier<CachedRow> COPY =
        EditedCopy.of(
            "WithLateEpochOfRefusedRow",
            RowsRefused.class,
            CachedRow.class,
            Load.class,
            "Safeguard FLIGHT_EPOCH_OF_READ",
            "loaded.epoch()",
            "epochs.advance()");

    public WithLateEpochOfRefusedRow() {
      super(COPY);
    }
  }

  /** Two callers at once start two flights. */
  public static final class WithTwoFlights extends Operations {
    private static final Supplier<CachedRow> COPY =
        EditedCopy.of(
            "WithTwoFlights",
            RowsInMemory.class,
            CachedRow.class,
            FlightLine.class,
            "Safeguard ONE_FLIGHT",
            "underWay.putIfAbsent(slotKey, mine);",
            "underWay.get(slotKey); if (current == null) { underWay.put(slotKey, mine); }");

    public WithTwoFlights() {
      super(COPY);
    }
  }

  /** A caller that comes too late for a flight finds it again and again after its end. */
  public static final class WithEndedFlightInMap extends Operations {
    private static final Supplier<CachedRow> COPY =
        EditedCopy.of(
            "WithEndedFlightInMap",
            RowsInMemory.class,
            CachedRow.class,
            Flight.class,
            "Safeguard LEAVE_BEFORE_END",
            "leave.accept(this);\n    if (landing.complete(found)) {",
            "boolean first = landing.complete(found);\n    leave.accept(this);\n    if (first) {");

    public WithEndedFlightInMap() {
      super(COPY);
    }
  }

  /** Rows whose slots are in memory. */
  static final class RowsInMemory implements Supplier<CachedRow> {
    @Override
    public CachedRow get() {
      InMemoryStore store = InMemoryStore.create(() -> 0);
      return new RowThroughPaths(store, store);
    }
  }

  /** Rows whose fills come too late, as if a writer had just been there. */
  static final class RowsRefused implements Supplier<CachedRow> {
    @Override
    public CachedRow get() {
      InMemoryStore store = InMemoryStore.create(() -> 0);
      return new RowThroughPaths(new RefusingStore(store), store);
    }
  }

  private static final class RefusingStore extends ForwardingStore {
    RefusingStore(SlotStore delegate) {
      super(delegate);
    }

    @Override
    public FillAnswer fill(
        SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
      return FillAnswer.REFUSED;
    }
  }

  /** Rows whose store does not answer a read. */
  static final class RowsWithoutStore implements Supplier<CachedRow> {
    @Override
    public CachedRow get() {
      InMemoryStore store = InMemoryStore.create(() -> 0);
      return new RowThroughPaths(new StoreAway(store), store);
    }
  }

  private static final class StoreAway extends ForwardingStore {
    StoreAway(SlotStore delegate) {
      super(delegate);
    }

    @Override
    public Slot read(SlotKey key) {
      throw new UnavailableException(key, "the store is away", null);
    }
  }

  /** The real paths around one row. Its time stands still, so no wait ends by its deadline. */
  private static final class RowThroughPaths implements CachedRow {
    private static final SlotKey KEY = new SlotKey("test", "k");

    /** A flight looks again twice; a caller once for each of the other thread's flights. */
    private static final int MOST_RETRIES = 2 + 3;

    private final AtomicLong version = new AtomicLong();
    private final InMemoryStore slots;
    private final ReadPath<String, String> reads;
    private final WritePath<String> writes;

    RowThroughPaths(SlotStore store, InMemoryStore slots) {
      this.slots = slots;
      CacheEngine<String, String> engine =
          LincheckEngine.of(key -> LincheckEngine.row(version.get()), store);
      this.reads = engine.reads();
      this.writes = engine.writes();
    }

    @Override
    public long read() {
      ReadResult<String> result = reads.read(new CacheKey<>("k", KEY), LincheckEngine.TERMS);
      if (result.retries() > MOST_RETRIES) {
        throw new IllegalStateException("looked again " + result.retries() + " times");
      }
      return result.version().orElseThrow();
    }

    @Override
    public long write(int how) {
      long written = version.incrementAndGet();
      switch (how) {
        case 0 -> writes.invalidate(KEY, LincheckEngine.TERMS);
        case 1 -> writes.publish(KEY, LincheckEngine.row(written), LincheckEngine.TERMS);
        default -> {
          writes.publish(KEY, LincheckEngine.row(written), LincheckEngine.TERMS);
          slots.evict(KEY);
        }
      }
      return written;
    }
  }
}
