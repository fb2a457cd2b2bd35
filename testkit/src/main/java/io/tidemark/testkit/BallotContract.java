package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.absence;
import static io.tidemark.testkit.SlotStoreFixture.absent;
import static io.tidemark.testkit.SlotStoreFixture.empty;
import static io.tidemark.testkit.SlotStoreFixture.floorOnly;
import static io.tidemark.testkit.SlotStoreFixture.lostTo;
import static io.tidemark.testkit.SlotStoreFixture.pending;
import static io.tidemark.testkit.SlotStoreFixture.present;
import static io.tidemark.testkit.SlotStoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.spi.Ballot;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Version;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Ballot}s in the tables of {@link io.tidemark.spi.SlotStore}. */
interface BallotContract extends SlotStoreFixture {
  /** Ballots that a store gets wrong if it keeps them as doubles, or mixes them up with fences. */
  List<Long> BALLOTS = List.of(-1L, -2L, -5L, -((1L << 53) + 1), -Long.MAX_VALUE);

  default void givenClaimByBallot(long ballot, long floor) {
    givenFloor(floor);
    assertThat(claimIfFree(ballot)).isEqualTo(new ClaimAnswer.Claimed(floor));
    assertThat(slot()).isEqualTo(pending(ballot, floor));
  }

  @Test
  default void claimIfFree_empty_claimedWithoutFloor() {
    for (long ballot : BALLOTS) {
      evict(key());
      assertThat(claimIfFree(ballot)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
      assertThat(slot()).isEqualTo(pending(ballot, Version.NONE));
    }
  }

  @Test
  default void claimIfFree_damaged_claimedWithoutFloor() {
    givenDamage();
    assertThat(claimIfFree(-5)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
    assertThat(slot()).isEqualTo(pending(-5, Version.NONE));
  }

  @Test
  default void claimIfFree_floorWithoutClaim_claimedWithFloor() {
    givenFloor(7);
    assertThat(claimIfFree(-5)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(-5, 7));
  }

  @Test
  default void claimIfFree_ownClaim_claimedAgainWithNewLife() {
    givenClaimByBallot(-5, 7);
    assertThat(claimIfFree(-5)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(-5, 7));
    evict(key());
    claimIfFree(-5);
    store().claim(key(), -5, ClaimMode.IF_FREE, SHORT, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void claimIfFree_otherBallot_lost(long lower, long higher) {
    for (long holder : new long[] {-lower, -higher}) {
      evict(key());
      givenClaimByBallot(holder, 7);
      assertThat(claimIfFree(-lower - higher - holder)).isEqualTo(lostTo(holder, 7));
      assertThat(slot()).isEqualTo(pending(holder, 7));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 5, Long.MAX_VALUE})
  default void claimIfFree_lockOfTheSameDigits_lost(long fence) {
    givenClaim(fence, 7);
    assertThat(claimIfFree(-fence)).isEqualTo(lostTo(fence, 7));
    assertThat(slot()).isEqualTo(pending(fence, 7));
  }

  @Test
  default void claimIfFree_lost_leavesLife() {
    givenClaim(5);
    store().claim(key(), -5, ClaimMode.IF_FREE, SHORT, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(pending(5, Version.NONE));
  }

  @Test
  default void claimIfFree_entry_hit() {
    givenValue(7, "seven");
    assertThat(claimIfFree(-5)).isEqualTo(new ClaimAnswer.Hit(value(7, "seven")));
    assertThat(slot()).isEqualTo(value(7, "seven"));
    evict(key());
    givenAbsence(7);
    assertThat(claimIfFree(-5)).isEqualTo(new ClaimAnswer.Hit(absence(7)));
    assertThat(slot()).isEqualTo(absence(7));
  }

  @Test
  default void claimIfFree_endedClaim_claimed() {
    givenEndedClaimOverFloor(5, 7);
    assertThat(claimIfFree(-5)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(-5, 7));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 5, Long.MAX_VALUE})
  default void claim_ballotAtWork_lost(long fence) {
    givenClaimByBallot(-5, 7);
    assertThat(claim(fence)).isEqualTo(lostTo(-5, 7));
    assertThat(slot()).isEqualTo(pending(-5, 7));
  }

  @Test
  default void claim_ballotThatEnded_claimed() {
    givenFloor(7);
    store().claim(key(), -5, ClaimMode.IF_FREE, SHORT, LONG);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(floorOnly(7));
    assertThat(claim(1)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(fill(-5, present(8, "eight"))).isEqualTo(FillAnswer.REFUSED);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 5, Long.MAX_VALUE})
  default void claimAlways_ballotAtWork_takenOverWithFloor(long fence) {
    givenClaimByBallot(-Long.MAX_VALUE, 7);
    assertThat(claimAlways(fence)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(fence, 7));
    assertThat(fill(-Long.MAX_VALUE, present(8, "eight"))).isEqualTo(FillAnswer.REFUSED);
  }

  @Test
  default void fill_ownBallot_stored() {
    for (long ballot : BALLOTS) {
      evict(key());
      givenClaimByBallot(ballot, 7);
      assertThat(fillFromReplica(ballot, present(7, "seven"))).isEqualTo(FillAnswer.BEHIND);
      assertThat(fill(ballot, present(7, "seven"))).isEqualTo(FillAnswer.STORED);
      assertThat(slot()).isEqualTo(value(7, "seven"));
    }
  }

  @Test
  default void fill_otherBallotOrLock_refused() {
    givenClaimByBallot(-5, 7);
    for (long fence : new long[] {5, -4, -6, -Long.MAX_VALUE}) {
      assertThat(fill(fence, present(8, "eight"))).isEqualTo(FillAnswer.REFUSED);
      assertThat(store().renew(key(), fence, SHORT)).isFalse();
      assertThat(store().abandon(key(), fence)).isFalse();
    }
    elapse(SHORT);
    assertThat(slot()).isEqualTo(pending(-5, 7));
  }

  @Test
  default void fill_ballotWithoutClaim_refused() {
    assertThat(fill(-5, present(8, "eight"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(empty());
    givenFloor(7);
    assertThat(fill(-5, present(8, "eight"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void publish_ballotAtWork_breaksItsClaim() {
    givenClaimByBallot(-5, 7);
    assertThat(publish(present(8, "eight"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(8));
    assertThat(fill(-5, present(8, "other"))).isEqualTo(FillAnswer.REFUSED);
  }

  @Test
  default void publish_ownBallot_stored() {
    givenClaimByBallot(-5, 7);
    assertThat(publish(-5, absent(9))).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(absence(9));
  }

  @Test
  default void renew_ownBallot_keepsClaimAndFloor() {
    givenClaimByBallot(-5, 7);
    assertThat(store().renew(key(), -5, LONG)).isTrue();
    assertThat(slot()).isEqualTo(pending(-5, 7));
  }

  @Test
  default void abandon_ownBallot_keepsFloor() {
    givenClaimByBallot(-5, 7);
    assertThat(store().abandon(key(), -5)).isTrue();
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void claim_fenceOfTheOtherKind_refusedAsArgument() {
    assertThatIllegalArgumentException().isThrownBy(() -> claim(-5));
    assertThatIllegalArgumentException().isThrownBy(() -> claimAlways(-5));
    assertThatIllegalArgumentException().isThrownBy(() -> claimIfFree(5));
    assertThatIllegalArgumentException().isThrownBy(() -> claimIfFree(LockHandle.NO_FENCE));
    assertThatIllegalArgumentException().isThrownBy(() -> claimIfFree(Long.MIN_VALUE));
    assertThat(slot()).isEqualTo(new Slot.Empty());
  }
}
