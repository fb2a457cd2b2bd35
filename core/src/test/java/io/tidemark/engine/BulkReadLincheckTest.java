package io.tidemark.engine;

import static io.tidemark.engine.LincheckOptions.assertFinds;

import io.tidemark.BulkReadResult;
import io.tidemark.BulkSource;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.spi.Ballot;
import io.tidemark.spi.Fill;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Reads of many keys, checked by Lincheck on the real paths, as {@link ReadPathLincheckTest} does
 * for reads of one. Such a read is not one step: each of its keys is read at a moment of its own.
 * So one of the rows is the register, and the calls name the others beside it, before it or after
 * it. What holds for one key holds for each, as they have nothing in common but their calls.
 *
 * <p>The others are evicted by every write, so that a read has several rows to load again. A caller
 * that is never told of the end of a flight of its call is found as well: nothing else ends its
 * wait.
 */
@Tag("longer")
class BulkReadLincheckTest {

  /** A row of a database that is read and written by itself and together with others. */
  public interface SharedRow {

    /**
     * Reads the row through the cache and returns its version.
     *
     * @param among which others are read by the same call
     */
    long read(int among);

    /**
     * Writes the row, and tells the cache in one of several ways.
     *
     * @return the new version
     */
    long write(int how);
  }

  @Test
  void readsOfManyAndWrites_anySchedule_areOfARegister() {
    model(Others.AFTER, Others.BEFORE, 0).check(AsItIs.class);
  }

  @Tag("thorough")
  @Test
  void readsOfManyAndOfOneAndWritesOfMany_areOfARegister() {
    model(Others.AFTER, Others.NONE, 4).check(AsItIs.class);
  }

  @Tag("thorough")
  @Test
  void readsOfManyAndWrites_storeAway_areOfARegister() {
    model(Others.BEFORE, Others.NONE, 1).check(WithStoreAway.class);
  }

  @Test
  void readOfMany_everyoneMayHaveWhatTheFlightFound_isFoundWrong() throws Exception {
    assertFinds(model(Others.BEFORE, Others.NONE, 1), WithoutSeats.class);
  }

  /**
   * A schedule of these calls takes several times as long as one of reads of one key, so there is
   * one scenario, and none by chance.
   *
   * @param among what one thread reads beside the row
   * @param amongLater what the other one reads beside it when it has written the row
   * @param how it writes that
   */
  private static ModelCheckingOptions model(int among, int amongLater, int how) {
    Actor read = LincheckOptions.call(Operations.class, "read", among);
    Actor write = LincheckOptions.call(Operations.class, "write", how);
    Actor later = LincheckOptions.call(Operations.class, "read", amongLater);
    return LincheckEngine.model(
            Register.class, Ballot.class, BulkClaim.class, Reply.class, SlotStore.class)
        .iterations(0)
        .addCustomScenario(LincheckOptions.scenario(List.of(read), List.of(write, later)));
  }

  /** Which others are read beside the row. */
  private static final class Others {
    /** None: a read of one key. */
    static final int NONE = 0;

    /** One, which comes first. */
    static final int BEFORE = 1;

    /** Another one, which comes last. */
    static final int AFTER = 2;

    private Others() {}
  }

  /** What reads and writes do one after the other. */
  public static final class Register implements SharedRow {
    private long version;

    /** A row that was never written. */
    public Register() {}

    @Override
    public long read(int among) {
      return version;
    }

    @Override
    public long write(int how) {
      return ++version;
    }
  }

  /** The operations that Lincheck calls. */
  @Param(name = "among", gen = IntGen.class, conf = "0:2")
  @Param(name = "how", gen = IntGen.class, conf = "0:4")
  abstract static class Operations {
    private final SharedRow row;

    Operations(Supplier<SharedRow> rows) {
      row = rows.get();
    }

    @Operation
    public long read(@Param(name = "among") int among) {
      return row.read(among);
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

  /** The real paths where every load falls back on the source. */
  public static final class WithStoreAway extends Operations {
    public WithStoreAway() {
      super(new RowsWithoutStore());
    }
  }

  /** A caller that joins late is given what was read before. */
  public static final class WithoutSeats extends Operations {
    private static final Supplier<SharedRow> COPY =
        EditedCopy.of(
            "WithoutSeatsOfMany",
            RowsWithoutStore.class,
            SharedRow.class,
            Flight.class,
            "Safeguard FLIGHT_EPOCHS",
            "epoch < landing.epoch()",
            "true");

    public WithoutSeats() {
      super(COPY);
    }
  }

  /** Rows whose slots are in memory. */
  static final class RowsInMemory implements Supplier<SharedRow> {
    @Override
    public SharedRow get() {
      InMemoryStore store = InMemoryStore.create(() -> 0);
      return new RowThroughPaths(new StepwiseStore(store), store);
    }
  }

  /** A store that does what it is asked for several keys one after the other. */
  private static final class StepwiseStore extends ForwardingStore {
    StepwiseStore(SlotStore delegate) {
      super(delegate);
    }

    @Override
    public List<Reply<Slot>> readAll(List<SlotKey> keys) {
      List<Reply<Slot>> slots = new ArrayList<>();
      for (SlotKey key : keys) {
        slots.add(new Reply.Answered<>(read(key)));
      }
      return slots;
    }

    @Override
    public List<Reply<FillAnswer>> fillAll(List<Fill> fills) {
      List<Reply<FillAnswer>> answers = new ArrayList<>();
      for (Fill one : fills) {
        answers.add(
            new Reply.Answered<>(
                fill(one.key(), one.fence(), one.row(), one.rule(), one.lifetime())));
      }
      return answers;
    }
  }

  /** Rows whose store does not answer a read. */
  static final class RowsWithoutStore implements Supplier<SharedRow> {
    @Override
    public SharedRow get() {
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

  /** The real paths around one row and its neighbours, which never change. */
  private static final class RowThroughPaths implements SharedRow {
    private static final CacheKey<String> ROW = key("row");
    private static final CacheKey<String> ONE = key("one");
    private static final CacheKey<String> OTHER = key("other");

    private final AtomicLong version = new AtomicLong();
    private final InMemoryStore slots;
    private final ReadPath<String, String> reads;
    private final WritePath<String> writes;

    RowThroughPaths(SlotStore store, InMemoryStore slots) {
      this.slots = slots;
      CacheEngine<String, String> engine =
          LincheckEngine.of(BulkSource.of(this::load, keys -> loadAll(List.copyOf(keys))), store);
      this.reads = engine.reads();
      this.writes = engine.writes();
    }

    private static CacheKey<String> key(String key) {
      return new CacheKey<>(key, new SlotKey("test", key));
    }

    private Row<String> load(String key) {
      return LincheckEngine.row(key.equals(ROW.value()) ? version.get() : 0);
    }

    private Map<String, Row<String>> loadAll(List<String> keys) {
      Map<String, Row<String>> rows = new HashMap<>();
      keys.forEach(key -> rows.put(key, load(key)));
      return rows;
    }

    @Override
    public long read(int among) {
      ReadResult<String> result =
          switch (among) {
            case Others.BEFORE -> readAll(List.of(ONE, ROW));
            case Others.AFTER -> readAll(List.of(ROW, OTHER));
            default -> reads.read(ROW, LincheckEngine.TERMS);
          };
      return result.version().orElseThrow();
    }

    private ReadResult<String> readAll(List<CacheKey<String>> keys) {
      BulkReadResult<String, String> result = reads.readAll(keys, LincheckEngine.TERMS);
      if (result.results().size() != keys.size()) {
        throw new IllegalStateException("failed: " + result.failures());
      }
      return Objects.requireNonNull(result.results().get(ROW.value()));
    }

    @Override
    public long write(int how) {
      long written = version.incrementAndGet();
      Row<String> row = LincheckEngine.row(written);
      switch (how) {
        case 0 -> writes.invalidate(ROW.slot(), LincheckEngine.TERMS);
        case 1 -> writes.publish(ROW.slot(), row, LincheckEngine.TERMS);
        case 2 -> {
          writes.publish(ROW.slot(), row, LincheckEngine.TERMS);
          slots.evict(ROW.slot());
        }
        case 3 ->
            writes.publishAll(
                List.of(
                    new Commit<>(ROW.slot(), row),
                    new Commit<>(OTHER.slot(), LincheckEngine.row(0))),
                LincheckEngine.TERMS);
        default -> writes.invalidateAll(List.of(ONE.slot(), ROW.slot()), LincheckEngine.TERMS);
      }
      slots.evict(ONE.slot());
      slots.evict(OTHER.slot());
      return written;
    }
  }
}
