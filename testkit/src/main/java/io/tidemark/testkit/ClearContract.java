package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.absent;
import static io.tidemark.testkit.SlotStoreFixture.empty;
import static io.tidemark.testkit.SlotStoreFixture.pending;
import static io.tidemark.testkit.SlotStoreFixture.present;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link io.tidemark.spi.SlotStore#clear}. */
interface ClearContract extends SlotStoreFixture {
  /** More than a server hands out at once. */
  int MANY = 2_500;

  @Test
  default void clear_noSlots_zero() {
    assertThat(store().clear(newCacheName())).isZero();
  }

  @Test
  default void clear_slotsOfEveryState_allRemoved() {
    String cache = newCacheName();
    SlotKey claimed = new SlotKey(cache, "claimed");
    SlotKey floor = new SlotKey(cache, "floor");
    SlotKey value = new SlotKey(cache, "value");
    SlotKey absence = new SlotKey(cache, "absence");
    SlotKey damaged = new SlotKey(cache, "damaged");
    store().claim(claimed, 1, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    store().publish(floor, LockHandle.NO_FENCE, present(7, "row"), KEPT, LONG);
    store().claim(value, 1, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    store().fill(value, 1, present(7, "row"), FloorRule.AT_OR_ABOVE, KEPT);
    store().claim(absence, 1, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    store().fill(absence, 1, absent(), FloorRule.AT_OR_ABOVE, KEPT);
    damage(damaged);

    assertThat(store().clear(cache)).isEqualTo(5);

    assertThat(List.of(claimed, floor, value, absence, damaged))
        .allSatisfy(key -> assertThat(store().read(key)).isEqualTo(empty()));
  }

  @Test
  default void clear_manySlots_allRemoved() {
    String cache = newCacheName();
    for (int i = 0; i < MANY; i++) {
      store().claim(new SlotKey(cache, "key " + i), 1, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    }

    assertThat(store().clear(cache)).isEqualTo(MANY);

    for (int i = 0; i < MANY; i++) {
      assertThat(store().read(new SlotKey(cache, "key " + i))).isEqualTo(empty());
    }
  }

  @Test
  default void clear_manySlots_tellsOfItsProgress() {
    String cache = newCacheName();
    for (int i = 0; i < MANY; i++) {
      store().claim(new SlotKey(cache, "key " + i), 1, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    }
    List<Long> told = new ArrayList<>();

    store().clear(cache, told::add);

    assertThat(told).hasSizeGreaterThan(1).isSorted().doesNotHaveDuplicates().endsWith((long) MANY);
  }

  @Test
  default void clear_progressThrows_endsWithIt() {
    SlotKey key = new SlotKey(newCacheName(), "key");
    store().claim(key, 1, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    IllegalStateException enough = new IllegalStateException("enough");

    assertThatThrownBy(
            () ->
                store()
                    .clear(
                        key.cache(),
                        removed -> {
                          throw enough;
                        }))
        .isSameAs(enough);
  }

  @Test
  default void clear_loadUnderWay_fillRefused() {
    SlotKey key = new SlotKey(newCacheName(), "key");
    store().claim(key, 1, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    store().clear(key.cache());
    assertThat(store().fill(key, 1, present(7, "row"), FloorRule.AT_OR_ABOVE, KEPT))
        .isEqualTo(FillAnswer.REFUSED);
  }

  /** Each would be hit by a clear that takes the name for a pattern or for a prefix. */
  @ParameterizedTest
  @ValueSource(strings = {"%s2", "%s.", "%s-x", "x%s", "x.%s"})
  default void clear_cacheOfSimilarName_leftAlone(String similar) {
    String cache = newCacheName();
    SlotKey other = new SlotKey(similar.formatted(cache), "key");
    store().claim(other, 1, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    assertThat(store().clear(cache)).isZero();
    assertThat(slotOf(other)).isEqualTo(pending(1, Version.NONE));
  }

  @Test
  default void clear_cacheWhoseKeyNamesTheOther_leftAlone() {
    String cache = newCacheName();
    SlotKey other = new SlotKey("x", cache + ":key");
    store().claim(other, 1, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    assertThat(store().clear(cache)).isZero();
    assertThat(slotOf(other)).isEqualTo(pending(1, Version.NONE));
  }

  @Test
  default void clear_pattern_refusedAsArgument() {
    claim(1);
    assertThatIllegalArgumentException().isThrownBy(() -> store().clear("*"));
    assertThat(slot()).isEqualTo(pending(1, Version.NONE));
  }

  private static String newCacheName() {
    return "clear-" + UUID.randomUUID();
  }
}
