package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.absence;
import static io.tidemark.testkit.SlotStoreFixture.absent;
import static io.tidemark.testkit.SlotStoreFixture.empty;
import static io.tidemark.testkit.SlotStoreFixture.expiredValue;
import static io.tidemark.testkit.SlotStoreFixture.floorOnly;
import static io.tidemark.testkit.SlotStoreFixture.present;
import static io.tidemark.testkit.SlotStoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Version;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of {@link io.tidemark.spi.SlotStore#publish}. */
interface PublishContract extends SlotStoreFixture {

  // PENDING

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void publish_ownClaimVersionAboveFloor_stored(long lower, long higher) {
    givenClaim(5, lower);
    assertThat(publish(5, present(higher, "row"))).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(value(higher, "row"));
  }

  @Test
  default void publish_ownClaimVersionOfFloor_stored() {
    givenClaim(5, 7);
    assertThat(publish(5, present(7, "row"))).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(value(7, "row"));
  }

  @Test
  default void publish_ownClaimWithoutFloor_stored() {
    givenClaim(5);
    assertThat(publish(5, present(0, "row"))).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(value(0, "row"));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void publish_ownClaimVersionBelowFloor_dropped(long lower, long higher) {
    givenClaim(5, higher);
    assertThat(publish(5, present(lower, "row"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(higher));
  }

  @Test
  default void publish_ownClaimAbsenceAboveFloor_stored() {
    givenClaim(5, 7);
    assertThat(publish(5, absent(8))).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(absence(8));
  }

  @Test
  default void publish_ownClaimAbsenceOfFloor_stored() {
    givenClaim(5, 7);
    assertThat(publish(5, absent(7))).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(absence(7));
  }

  @Test
  default void publish_ownClaimAbsenceBelowFloor_dropped() {
    givenClaim(5, 7);
    assertThat(publish(5, absent(6))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void publish_ownClaimAbsenceWithoutVersion_storedWithFloor() {
    givenClaim(5, 7);
    assertThat(publish(5, absent())).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(absence(7));
  }

  @Test
  default void publish_ownClaimAbsenceWithoutVersionOrFloor_stored() {
    givenClaim(5);
    assertThat(publish(5, absent())).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(absence(Version.NONE));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void publish_laterClaimVersionAboveFloor_claimBroken(long lower, long higher) {
    givenClaim(higher, lower);
    assertThat(publish(lower, present(higher, "row"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(higher));
    assertThat(fill(higher, present(higher, "row"))).isEqualTo(FillAnswer.REFUSED);
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void publish_earlierClaimVersionBelowFloor_claimBroken(long lower, long higher) {
    givenClaim(lower, higher);
    assertThat(publish(higher, present(lower, "row"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(higher));
  }

  @Test
  default void publish_claimWithoutFence_claimBroken() {
    givenClaim(5);
    assertThat(publish(present(7, "row"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void publish_claimAbsenceWithoutVersion_claimBrokenFloorKept() {
    givenClaim(5, 7);
    assertThat(publish(absent())).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void publish_claimWithoutFloorAbsenceWithoutVersion_claimBroken() {
    givenClaim(5);
    assertThat(publish(absent())).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void publish_floorOnlyWithoutFence_neverOwnClaim() {
    givenFloor(7);
    assertThat(publish(present(8, "row"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(8));
  }

  // EMPTY and damaged

  @ParameterizedTest
  @ValueSource(longs = {0, 7, Long.MAX_VALUE})
  default void publish_empty_floorWithoutValue(long version) {
    assertThat(publish(present(version, "row"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(version));
  }

  @Test
  default void publish_emptyWithFence_floorWithoutValue() {
    assertThat(publish(5, present(7, "row"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void publish_emptyVersionedAbsence_floorWithoutEntry() {
    assertThat(publish(absent(7))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void publish_emptyAbsenceWithoutVersion_empty() {
    assertThat(publish(absent())).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void publish_claimEvicted_floorWithoutValue() {
    givenClaim(5, 7);
    evict(key());
    assertThat(publish(5, present(8, "row"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(8));
  }

  @Test
  default void publish_damaged_floorWithoutValue() {
    givenDamage();
    assertThat(publish(5, present(7, "row"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void publish_damagedAbsenceWithoutVersion_empty() {
    givenDamage();
    assertThat(publish(absent())).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(empty());
  }

  // VALUE

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void publish_olderValue_stored(long lower, long higher) {
    givenValue(lower, "old");
    assertThat(publish(present(higher, "new"))).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(value(higher, "new"));
  }

  @Test
  default void publish_valueOfVersionZero_stored() {
    givenValue(0, "old");
    assertThat(publish(present(1, "new"))).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(value(1, "new"));
  }

  @Test
  default void publish_olderExpiredValue_storedFresh() {
    givenExpiredValue(7, "old");
    assertThat(publish(present(8, "new"))).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(value(8, "new"));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void publish_olderValueVersionedAbsence_stored(long lower, long higher) {
    givenValue(lower, "old");
    assertThat(publish(absent(higher))).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(absence(higher));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void publish_newerValue_superseded(long lower, long higher) {
    givenValue(higher, "new");
    assertThat(publish(present(lower, "old"))).isEqualTo(PublishAnswer.SUPERSEDED);
    assertThat(slot()).isEqualTo(value(higher, "new"));
  }

  @Test
  default void publish_newerValueVersionZero_superseded() {
    givenValue(1, "new");
    assertThat(publish(present(0, "old"))).isEqualTo(PublishAnswer.SUPERSEDED);
    assertThat(slot()).isEqualTo(value(1, "new"));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void publish_newerValueVersionedAbsence_superseded(long lower, long higher) {
    givenValue(higher, "new");
    assertThat(publish(absent(lower))).isEqualTo(PublishAnswer.SUPERSEDED);
    assertThat(slot()).isEqualTo(value(higher, "new"));
  }

  @Test
  default void publish_sameValue_same() {
    givenValue(7, "row");
    assertThat(publish(present(7, "row"))).isEqualTo(PublishAnswer.SAME);
    assertThat(slot()).isEqualTo(value(7, "row"));
  }

  @Test
  default void publish_sameExpiredValue_sameAndStillExpired() {
    givenExpiredValue(7, "row");
    assertThat(publish(present(7, "row"))).isEqualTo(PublishAnswer.SAME);
    assertThat(slot()).isEqualTo(expiredValue(7, "row"));
  }

  @Test
  default void publish_tiedValue_dropped() {
    givenValue(7, "one");
    assertThat(publish(present(7, "two"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void publish_tiedValueWithLongerPayload_dropped() {
    givenValue(7, "one");
    assertThat(publish(present(7, "one\0"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void publish_tiedAbsence_dropped() {
    givenValue(7, "");
    assertThat(publish(absent(7))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void publish_valueAbsenceWithoutVersion_dropped() {
    givenValue(7, "row");
    assertThat(publish(absent())).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  // ABSENT

  @Test
  default void publish_sameAbsence_same() {
    givenAbsence(7);
    assertThat(publish(absent(7))).isEqualTo(PublishAnswer.SAME);
    assertThat(slot()).isEqualTo(absence(7));
  }

  @Test
  default void publish_absenceWithoutFloorAbsenceWithoutVersion_dropped() {
    givenAbsence();
    assertThat(publish(absent())).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void publish_absenceAbsenceWithoutVersion_dropped() {
    givenAbsence(7);
    assertThat(publish(absent())).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void publish_olderAbsence_dropped(long lower, long higher) {
    givenAbsence(lower);
    assertThat(publish(present(higher, "row"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(higher));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void publish_newerAbsence_dropped(long lower, long higher) {
    givenAbsence(higher);
    assertThat(publish(present(lower, "row"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(higher));
  }

  @Test
  default void publish_tiedAbsenceByValue_dropped() {
    givenAbsence(7);
    assertThat(publish(present(7, ""))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void publish_otherAbsence_dropped(long lower, long higher) {
    givenAbsence(lower);
    assertThat(publish(absent(higher))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(higher));
  }

  @Test
  default void publish_absenceWithoutFloor_dropped() {
    givenAbsence();
    assertThat(publish(present(0, "row"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(0));
  }

  // Life

  @Test
  default void publish_stored_livesAsEntry() {
    givenValue(7, "old");
    store().publish(key(), LockHandle.NO_FENCE, present(8, "new"), SOON_EXPIRED, LONG);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(expiredValue(8, "new"));
  }

  @Test
  default void publish_same_leavesLife() {
    givenValue(7, "row");
    store().publish(key(), LockHandle.NO_FENCE, present(7, "row"), SOON_GONE, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(value(7, "row"));
  }

  @Test
  default void publish_superseded_leavesLife() {
    givenValue(7, "row");
    store().publish(key(), LockHandle.NO_FENCE, present(6, "old"), SOON_GONE, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(value(7, "row"));
  }

  @Test
  default void publish_dropped_livesAsFloor() {
    givenValue(7, "one");
    store().publish(key(), LockHandle.NO_FENCE, present(7, "two"), KEPT, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void publish_floorRaised_startsLifeAnew() {
    givenFloor(7);
    store().publish(key(), LockHandle.NO_FENCE, present(8, "row"), KEPT, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void publish_belowFloor_startsItsLifeAnew() {
    store().publish(key(), LockHandle.NO_FENCE, present(7, "row"), KEPT, SHORT);
    publish(present(7, "row"));
    elapse(SHORT);
    assertThat(publish(present(6, "older"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void publish_floorOver_forgotten() {
    givenClaimOverEndedFloor(5, 7);
    assertThat(publish(present(6, "six"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(6));
  }

  @Test
  default void publish_ownClaimOverEndedFloorVersionBelowIt_dropped() {
    givenClaimOverEndedFloor(5, 7);
    assertThat(publish(5, present(6, "six"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).as("the replica may have what is above the row").isEqualTo(floorOnly(7));
  }

  @Test
  default void publish_ownClaimThatIsOver_dropped() {
    givenEndedClaimOverFloor(5, 7);
    assertThat(publish(5, present(8, "eight"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(8));
  }

  @Test
  default void publish_emptyWithoutFloorLife_empty() {
    assertThat(publishWithoutFloor(LockHandle.NO_FENCE, present(7, "row")))
        .isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void publish_tiedValueWithoutFloorLife_empty() {
    givenValue(7, "one");
    assertThat(publishWithoutFloor(LockHandle.NO_FENCE, present(7, "two")))
        .isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void publish_otherClaimWithoutFloorLife_claimBrokenAndEmpty() {
    givenClaim(5);
    assertThat(publishWithoutFloor(LockHandle.NO_FENCE, present(7, "row")))
        .isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(empty());
    assertThat(fill(5, present(7, "row"))).isEqualTo(FillAnswer.REFUSED);
  }

  @Test
  default void publish_damagedWithoutFloorLife_empty() {
    givenDamage();
    assertThat(publishWithoutFloor(5, present(7, "row"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(empty());
  }

  /** It hid an entry, no floor is owed, and nobody has written since: the row is the newest. */
  @Test
  default void publish_ownClaimOverHiddenValueWithoutFloorLife_storedWhateverItsVersion() {
    givenValue(7, "seven");
    store().claim(key(), 5, ClaimMode.ALWAYS, LONG, Duration.ZERO);
    assertThat(publishWithoutFloor(5, present(6, "six"))).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(value(6, "six"));
  }

  private PublishAnswer publishWithoutFloor(long fence, EncodedRow row) {
    return store().publish(key(), fence, row, KEPT, Duration.ZERO);
  }

  @Test
  default void publish_negativeFloorLife_refusedAsArgument() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                store()
                    .publish(
                        key(), LockHandle.NO_FENCE, present(7, "row"), KEPT, Duration.ofNanos(-1)));
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void publish_neitherFenceNorBallot_refusedAsArgument() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> publish(Long.MIN_VALUE, present(7, "row")));
    assertThat(slot()).isEqualTo(empty());
  }
}
