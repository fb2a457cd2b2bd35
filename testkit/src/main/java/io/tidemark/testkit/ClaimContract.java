package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.absence;
import static io.tidemark.testkit.SlotStoreFixture.empty;
import static io.tidemark.testkit.SlotStoreFixture.floorOnly;
import static io.tidemark.testkit.SlotStoreFixture.lostTo;
import static io.tidemark.testkit.SlotStoreFixture.pending;
import static io.tidemark.testkit.SlotStoreFixture.present;
import static io.tidemark.testkit.SlotStoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Version;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** The table of {@link io.tidemark.spi.SlotStore#claim}. */
interface ClaimContract extends SlotStoreFixture {

  @Test
  default void claim_empty_claimedWithoutFloor() {
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
    assertThat(slot()).isEqualTo(pending(5, Version.NONE));
  }

  @Test
  default void claim_damaged_claimedWithoutFloor() {
    givenDamage();
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
    assertThat(slot()).isEqualTo(pending(5, Version.NONE));
  }

  @Test
  default void claim_floorWithoutClaim_claimedWithFloor() {
    givenFloor(7);
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(5, 7));
  }

  @Test
  default void claim_floorOfVersionZero_claimedWithFloor() {
    givenFloor(0);
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Claimed(0));
    assertThat(slot()).isEqualTo(pending(5, 0));
  }

  @Test
  default void claim_ownClaim_claimedAgain() {
    givenClaim(5, 7);
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(5, 7));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void claim_earlierFence_takenOverWithFloor(long lower, long higher) {
    givenClaim(lower, 7);
    assertThat(claim(higher)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(higher, 7));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void claim_laterFence_lost(long lower, long higher) {
    givenClaim(higher, 7);
    assertThat(claim(lower)).isEqualTo(lostTo(higher, 7));
    assertThat(slot()).isEqualTo(pending(higher, 7));
  }

  @Test
  default void claimAlways_laterFence_lost() {
    givenClaim(6, 7);
    assertThat(claimAlways(5))
        .isInstanceOfSatisfying(
            ClaimAnswer.Lost.class,
            lost -> assertThat(lost.claim().bare()).isEqualTo(pending(6, 7)));
    assertThat(slot()).isEqualTo(pending(6, 7));
  }

  @Test
  default void claim_value_hit() {
    givenValue(7, "seven");
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Hit(value(7, "seven")));
    assertThat(slot()).isEqualTo(value(7, "seven"));
  }

  @Test
  default void claim_absence_hit() {
    givenAbsence(7);
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Hit(absence(7)));
    assertThat(slot()).isEqualTo(absence(7));
  }

  @Test
  default void claimAlways_value_hiddenBehindFloor() {
    givenValue(7, "seven");
    assertThat(claimAlways(5)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(5, 7));
  }

  @Test
  default void claimAlways_expiredValue_hiddenBehindFloor() {
    givenExpiredValue(7, "seven");
    assertThat(claimAlways(5)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(5, 7));
  }

  @Test
  default void claimAlways_absence_hiddenBehindFloor() {
    givenAbsence(7);
    assertThat(claimAlways(5)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(5, 7));
  }

  @Test
  default void claimAlways_absenceWithoutFloor_claimedWithoutFloor() {
    givenAbsence();
    assertThat(claimAlways(5)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
    assertThat(slot()).isEqualTo(pending(5, Version.NONE));
  }

  @Test
  default void claim_claimLifeOverWithoutFloor_empty() {
    store().claim(key(), 5, ClaimMode.UNLESS_PRESENT, SHORT, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void claim_claimedAgain_startsLifeAnew() {
    givenClaim(5);
    store().claim(key(), 5, ClaimMode.UNLESS_PRESENT, SHORT, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void claim_lost_leavesLife() {
    givenClaim(6);
    store().claim(key(), 5, ClaimMode.UNLESS_PRESENT, SHORT, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(pending(6, Version.NONE));
  }

  @Test
  default void claim_hit_leavesLife() {
    givenValue(7, "seven");
    store().claim(key(), 5, ClaimMode.UNLESS_PRESENT, SHORT, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(value(7, "seven"));
  }

  @Test
  default void claim_hiddenValue_livesAsClaim() {
    givenValue(7, "seven");
    store().claim(key(), 5, ClaimMode.ALWAYS, SHORT, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void claimAlways_valueWithoutFloorLife_toldAndNotKept() {
    givenValue(7, "seven");
    assertThat(store().claim(key(), 5, ClaimMode.ALWAYS, LONG, Duration.ZERO))
        .isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(5, Version.NONE));
  }

  @Test
  default void claim_floorOver_keptForItsClaim() {
    givenClaimOverEndedFloor(5, 7);
    assertThat(fillFromReplica(5, present(7, "seven"))).isEqualTo(FillAnswer.BEHIND);
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(5, 7));
  }

  @Test
  default void claim_floorOver_nextClaimHasNone() {
    givenClaimOverEndedFloor(5, 7);
    assertThat(claim(6)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
    assertThat(slot()).isEqualTo(pending(6, Version.NONE));
    assertThat(fillFromReplica(6, present(6, "six"))).isEqualTo(FillAnswer.STORED);
  }

  @Test
  default void claim_takenOverWithLongerLives_floorEndsAllTheSame() {
    givenValue(7, "seven");
    store().claim(key(), 5, ClaimMode.ALWAYS, LONG, SHORT);
    store().claim(key(), 6, ClaimMode.ALWAYS, LONG, LONG);
    elapse(SHORT);
    assertThat(claim(7)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
  }

  @Test
  default void claim_claimOver_floorLeftAndAnyFenceMayClaim() {
    givenEndedClaimOverFloor(5, 7);
    assertThat(slot()).isEqualTo(floorOnly(7));
    assertThat(fill(5, present(8, "eight"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(claim(4)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(4, 7));
  }

  @Test
  default void claim_negativeFloorLife_refusedAsArgument() {
    givenValue(7, "seven");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store().claim(key(), 5, ClaimMode.ALWAYS, LONG, Duration.ofNanos(-1)));
    assertThat(slot()).isEqualTo(value(7, "seven"));
  }

  @Test
  default void claim_noFence_refusedAsArgument() {
    assertThatIllegalArgumentException().isThrownBy(() -> claim(LockHandle.NO_FENCE));
    assertThatIllegalArgumentException().isThrownBy(() -> claim(-1));
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void claim_claimLifeUnderOneMillisecond_refusedAsArgument() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                store().claim(key(), 5, ClaimMode.UNLESS_PRESENT, Duration.ofNanos(999_999), LONG));
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void claim_longestLives_claimed() {
    Duration centuries = Duration.ofDays(1_000_000);
    assertThat(store().claim(key(), 5, ClaimMode.UNLESS_PRESENT, centuries, centuries))
        .isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
    assertThat(slot()).isEqualTo(pending(5, Version.NONE));
  }

  @Test
  default void claim_afterEviction_forgetsFloor() {
    givenFloor(7);
    evict(key());
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
    assertThat(fill(5, present(6, "six"))).isEqualTo(FillAnswer.STORED);
  }
}
