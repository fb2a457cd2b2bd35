package io.tidemark.memory;

import static io.tidemark.engine.LincheckOptions.assertFinds;

import io.tidemark.engine.EditedCopy;
import io.tidemark.engine.LincheckOptions;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.Payload;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
 * The verbs of {@link InMemoryStore} at one slot, checked by Lincheck: each is atomic, so whatever
 * threads do at once is what they could have done one after the other. What a verb does when it is
 * alone is the business of the contract tests.
 */
@Tag("longer")
class InMemoryStoreLincheckTest {
  private static final SlotKey KEY = new SlotKey("test", "k");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Lifetime LIFETIME = new Lifetime(HOUR, Duration.ZERO);

  @Test
  void verbs_anySchedule_areAtomic() {
    model().check(AsItIs.class);
  }

  @Test
  void verbs_slotIsReadAndThenPut_isFoundWrong() throws Exception {
    assertFinds(
        model().iterations(0).addCustomScenario(twoClaimsAndWhatTheyLeave()),
        WithReadThenPut.class);
  }

  private static ExecutionScenario twoClaimsAndWhatTheyLeave() {
    Actor read = LincheckOptions.call(AsItIs.class, "read");
    return LincheckOptions.scenario(
        List.of(LincheckOptions.call(AsItIs.class, "claim", 1), read),
        List.of(LincheckOptions.call(AsItIs.class, "claim", 2), read));
  }

  private static ModelCheckingOptions model() {
    return LincheckOptions.model(
            AsItIs.class,
            Set.of(ConcurrentHashMap.class),
            name -> name.startsWith("io.tidemark.spi."))
        .iterations(LincheckOptions.scenarios(20))
        .actorsBefore(1);
  }

  /** The operations that Lincheck calls. Few fences and versions, so that they meet and tie. */
  @Param(name = "fence", gen = IntGen.class, conf = "1:2")
  @Param(name = "version", gen = IntGen.class, conf = "1:2")
  @Param(name = "payload", gen = IntGen.class, conf = "1:2")
  abstract static class Operations {
    private final SlotStore store;

    Operations(Supplier<SlotStore> stores) {
      store = stores.get();
    }

    @Operation
    public Slot read() {
      return store.read(KEY);
    }

    @Operation
    public ClaimAnswer claim(@Param(name = "fence") int fence) {
      return store.claim(KEY, fence, ClaimMode.ALWAYS, HOUR, HOUR);
    }

    @Operation
    public FillAnswer fill(@Param(name = "fence") int fence, @Param(name = "version") int version) {
      return store.fill(KEY, fence, row(version, version), FloorRule.AT_OR_ABOVE, LIFETIME);
    }

    @Operation
    public PublishAnswer publish(
        @Param(name = "fence") int fence,
        @Param(name = "version") int version,
        @Param(name = "payload") int payload) {
      return store.publish(KEY, fence, row(version, payload), LIFETIME, HOUR);
    }

    @Operation
    public RefreshAnswer refresh(
        @Param(name = "version") int version, @Param(name = "payload") int payload) {
      return store.refresh(KEY, row(version, payload), LIFETIME, HOUR);
    }

    @Operation
    public boolean renew(@Param(name = "fence") int fence) {
      return store.renew(KEY, fence, HOUR);
    }

    @Operation
    public boolean abandon(@Param(name = "fence") int fence) {
      return store.abandon(KEY, fence);
    }

    private static EncodedRow row(int version, int payload) {
      return new EncodedRow.Present(version, Payload.wrap(new byte[] {(byte) payload}));
    }
  }

  /** The real store. */
  public static final class AsItIs extends Operations {
    public AsItIs() {
      super(new Stores());
    }
  }

  /** A verb reads the slot, and puts what it makes of it when others have been there. */
  public static final class WithReadThenPut extends Operations {
    private static final Supplier<SlotStore> COPY =
        EditedCopy.of(
            "WithReadThenPut",
            Stores.class,
            SlotStore.class,
            InMemoryStore.class,
            "Safeguard ATOMIC_VERB",
            """
                cells.compute(
                    key,
                    (same, cell) -> {
                      Change<A> change = verb.apply(moment(cell, present.lineage()));
                      answer.set(change.answer());
                      return change.after();
                    });
            """,
            """
                Change<A> change = verb.apply(moment(cells.get(key), present.lineage()));
                answer.set(change.answer());
                if (change.after() == null) {
                  cells.remove(key);
                } else {
                  cells.put(key, change.after());
                }
            """);

    public WithReadThenPut() {
      super(COPY);
    }
  }

  /** Stores whose time stands still. */
  static final class Stores implements Supplier<SlotStore> {
    @Override
    public SlotStore get() {
      return InMemoryStore.create(() -> 0);
    }
  }
}
