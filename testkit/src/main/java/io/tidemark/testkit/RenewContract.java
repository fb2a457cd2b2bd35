package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.absence;
import static io.tidemark.testkit.SlotStoreFixture.empty;
import static io.tidemark.testkit.SlotStoreFixture.floorOnly;
import static io.tidemark.testkit.SlotStoreFixture.pending;
import static io.tidemark.testkit.SlotStoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Version;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** {@link io.tidemark.spi.SlotStore#renew}. */
interface RenewContract extends SlotStoreFixture {

  @Test
  default void renew_ownClaim_keepsClaimAndFloor() {
    givenClaim(5, 7);
    assertThat(store().renew(key(), 5, LONG)).isTrue();
    assertThat(slot()).isEqualTo(pending(5, 7));
  }

  @Test
  default void renew_ownClaim_startsLifeAnew() {
    givenClaim(5);
    assertThat(store().renew(key(), 5, SHORT)).isTrue();
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void renew_ownClaim_floorEndsAllTheSame() {
    givenValue(7, "seven");
    store().claim(key(), 5, ClaimMode.ALWAYS, LONG, SHORT);
    assertThat(store().renew(key(), 5, LONG)).isTrue();
    elapse(SHORT);
    assertThat(claim(6)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
  }

  @Test
  default void renew_floorOver_keptForItsClaim() {
    givenClaimOverEndedFloor(5, 7);
    assertThat(store().renew(key(), 5, LONG)).isTrue();
    assertThat(slot()).isEqualTo(pending(5, 7));
  }

  @Test
  default void renew_claimOver_refused() {
    givenEndedClaimOverFloor(5, 7);
    assertThat(store().renew(key(), 5, LONG)).isFalse();
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void renew_otherClaim_refused(long lower, long higher) {
    givenClaim(higher, 7);
    assertThat(store().renew(key(), lower, SHORT)).isFalse();
    elapse(SHORT);
    assertThat(slot()).isEqualTo(pending(higher, 7));
  }

  @Test
  default void renew_earlierClaim_refused() {
    givenClaim(5);
    assertThat(store().renew(key(), 6, SHORT)).isFalse();
    elapse(SHORT);
    assertThat(slot()).isEqualTo(pending(5, Version.NONE));
  }

  @Test
  default void renew_floorOnly_refused() {
    givenFloor(7);
    assertThat(store().renew(key(), 5, SHORT)).isFalse();
    elapse(SHORT);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void renew_empty_refused() {
    assertThat(store().renew(key(), 5, LONG)).isFalse();
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void renew_value_refused() {
    givenValue(7, "seven");
    assertThat(store().renew(key(), 1, SHORT)).isFalse();
    elapse(SHORT);
    assertThat(slot()).isEqualTo(value(7, "seven"));
  }

  @Test
  default void renew_absence_refused() {
    givenAbsence(7);
    assertThat(store().renew(key(), 1, SHORT)).isFalse();
    elapse(SHORT);
    assertThat(slot()).isEqualTo(absence(7));
  }

  @Test
  default void renew_damaged_refused() {
    givenDamage();
    assertThat(store().renew(key(), 5, SHORT)).isFalse();
    elapse(SHORT);
    assertThat(slot()).isEqualTo(new Slot.Damaged());
  }

  @Test
  default void renew_noFence_refusedAsArgument() {
    givenFloor(7);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store().renew(key(), LockHandle.NO_FENCE, SHORT));
    assertThat(slot()).isEqualTo(floorOnly(7));
  }
}
