package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.absence;
import static io.tidemark.testkit.SlotStoreFixture.empty;
import static io.tidemark.testkit.SlotStoreFixture.floorOnly;
import static io.tidemark.testkit.SlotStoreFixture.pending;
import static io.tidemark.testkit.SlotStoreFixture.present;
import static io.tidemark.testkit.SlotStoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Slot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** {@link io.tidemark.spi.SlotStore#abandon}. */
interface AbandonContract extends SlotStoreFixture {

  @Test
  default void abandon_ownClaimWithoutFloor_empty() {
    givenClaim(5);
    store().abandon(key(), 5);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void abandon_ownClaimWithFloor_keepsFloor() {
    givenClaim(5, 7);
    store().abandon(key(), 5);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void abandon_ownClaimWithFloorZero_keepsFloor() {
    givenClaim(5, 0);
    store().abandon(key(), 5);
    assertThat(slot()).isEqualTo(floorOnly(0));
  }

  @Test
  default void abandon_ownClaimWithFloor_floorEndsAllTheSame() {
    givenValue(7, "seven");
    store().claim(key(), 5, ClaimMode.ALWAYS, LONG, SHORT);
    store().abandon(key(), 5);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void abandon_ownClaimOverEndedFloor_empty() {
    givenClaimOverEndedFloor(5, 7);
    store().abandon(key(), 5);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void abandon_thenFill_refused() {
    givenClaim(5, 7);
    store().abandon(key(), 5);
    assertThat(fill(5, present(8, "eight"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void abandon_otherClaim_unchanged(long lower, long higher) {
    givenClaim(higher, 7);
    store().abandon(key(), lower);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(pending(higher, 7));
  }

  @Test
  default void abandon_floorOnly_unchanged() {
    givenFloor(7);
    store().abandon(key(), 5);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void abandon_empty_unchanged() {
    store().abandon(key(), 5);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void abandon_value_unchanged() {
    givenValue(7, "seven");
    store().abandon(key(), 1);
    assertThat(slot()).isEqualTo(value(7, "seven"));
  }

  @Test
  default void abandon_absence_unchanged() {
    givenAbsence(7);
    store().abandon(key(), 1);
    assertThat(slot()).isEqualTo(absence(7));
  }

  @Test
  default void abandon_damaged_unchanged() {
    givenDamage();
    store().abandon(key(), 5);
    assertThat(slot()).isEqualTo(new Slot.Damaged());
  }

  @Test
  default void abandon_noFence_refusedAsArgument() {
    givenFloor(7);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store().abandon(key(), LockHandle.NO_FENCE));
    assertThat(slot()).isEqualTo(floorOnly(7));
  }
}
