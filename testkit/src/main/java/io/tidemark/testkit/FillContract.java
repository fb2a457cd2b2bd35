package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.absence;
import static io.tidemark.testkit.SlotStoreFixture.absent;
import static io.tidemark.testkit.SlotStoreFixture.empty;
import static io.tidemark.testkit.SlotStoreFixture.expiredAbsence;
import static io.tidemark.testkit.SlotStoreFixture.expiredValue;
import static io.tidemark.testkit.SlotStoreFixture.floorOnly;
import static io.tidemark.testkit.SlotStoreFixture.pending;
import static io.tidemark.testkit.SlotStoreFixture.present;
import static io.tidemark.testkit.SlotStoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Version;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of {@link io.tidemark.spi.SlotStore#fill}, and the life of entries. */
interface FillContract extends SlotStoreFixture {

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 1L << 53, Long.MAX_VALUE})
  default void fill_ownClaimWithoutFloor_stored(long version) {
    givenClaim(5);
    assertThat(fill(5, present(version, "row"))).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(value(version, "row"));
  }

  @Test
  default void fillFromReplica_ownClaimWithoutFloorVersionZero_stored() {
    givenClaim(5);
    assertThat(fillFromReplica(5, present(0, "row"))).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(value(0, "row"));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void fill_versionAboveFloor_stored(long lower, long higher) {
    givenClaim(5, lower);
    assertThat(fill(5, present(higher, "row"))).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(value(higher, "row"));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void fillFromReplica_versionAboveFloor_stored(long lower, long higher) {
    givenClaim(5, lower);
    assertThat(fillFromReplica(5, present(higher, "row"))).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(value(higher, "row"));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 7, Long.MAX_VALUE})
  default void fill_versionOfFloor_stored(long version) {
    givenClaim(5, version);
    assertThat(fill(5, present(version, "row"))).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(value(version, "row"));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 7, Long.MAX_VALUE})
  default void fillFromReplica_versionOfFloor_behind(long version) {
    givenClaim(5, version);
    assertThat(fillFromReplica(5, present(version, "row"))).isEqualTo(FillAnswer.BEHIND);
    assertThat(slot()).isEqualTo(pending(5, version));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void fill_versionBelowFloor_behind(long lower, long higher) {
    givenClaim(5, higher);
    assertThat(fill(5, present(lower, "row"))).isEqualTo(FillAnswer.BEHIND);
    assertThat(slot()).isEqualTo(pending(5, higher));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void fillFromReplica_versionBelowFloor_behind(long lower, long higher) {
    givenClaim(5, higher);
    assertThat(fillFromReplica(5, present(lower, "row"))).isEqualTo(FillAnswer.BEHIND);
    assertThat(slot()).isEqualTo(pending(5, higher));
  }

  @Test
  default void fill_afterBehind_storedUnderSameClaim() {
    givenClaim(5, 7);
    fill(5, present(6, "six"));
    assertThat(fill(5, present(7, "seven"))).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(value(7, "seven"));
  }

  @Test
  default void fill_absenceWithoutFloor_stored() {
    givenClaim(5);
    assertThat(fill(5, absent())).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(absence(Version.NONE));
  }

  @Test
  default void fill_absenceWithFloor_storedWithFloor() {
    givenClaim(5, 7);
    assertThat(fill(5, absent())).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(absence(7));
  }

  @Test
  default void fill_versionedAbsenceWithoutFloor_storedWithVersion() {
    givenClaim(5);
    assertThat(fill(5, absent(0))).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(absence(0));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void fill_versionedAbsenceAboveFloor_storedWithVersion(long lower, long higher) {
    givenClaim(5, lower);
    assertThat(fill(5, absent(higher))).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(absence(higher));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void fill_versionedAbsenceBelowFloor_storedWithFloor(long lower, long higher) {
    givenClaim(5, higher);
    assertThat(fill(5, absent(lower))).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(absence(higher));
  }

  @Test
  default void fillFromReplica_absenceWithoutFloor_stored() {
    givenClaim(5);
    assertThat(fillFromReplica(5, absent())).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(absence(Version.NONE));
  }

  @Test
  default void fillFromReplica_absenceWithFloor_behind() {
    givenClaim(5, 0);
    assertThat(fillFromReplica(5, absent())).isEqualTo(FillAnswer.BEHIND);
    assertThat(slot()).isEqualTo(pending(5, 0));
  }

  @Test
  default void fillFromReplica_versionedAbsenceWithFloor_behind() {
    givenClaim(5, 7);
    assertThat(fillFromReplica(5, absent(8))).isEqualTo(FillAnswer.BEHIND);
    assertThat(slot()).isEqualTo(pending(5, 7));
  }

  @Test
  default void fill_empty_refused() {
    assertThat(fill(5, present(7, "row"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(empty());
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void fill_laterClaim_refused(long lower, long higher) {
    givenClaim(higher, 7);
    assertThat(fill(lower, present(8, "row"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(pending(higher, 7));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void fill_earlierClaim_refused(long lower, long higher) {
    givenClaim(lower, 7);
    assertThat(fill(higher, present(8, "row"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(pending(lower, 7));
  }

  @Test
  default void fill_floorOnly_refused() {
    givenFloor(7);
    assertThat(fill(5, present(8, "row"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void fill_floorOnlyWithoutFence_refusedAsArgument() {
    givenFloor(7);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> fill(LockHandle.NO_FENCE, present(8, "row")));
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void fill_value_refused() {
    givenValue(7, "seven");
    assertThat(fill(1, present(8, "eight"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(value(7, "seven"));
  }

  @Test
  default void fill_expiredValue_refused() {
    givenExpiredValue(7, "seven");
    assertThat(fill(1, present(8, "eight"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(expiredValue(7, "seven"));
  }

  @Test
  default void fill_absence_refused() {
    givenAbsence(7);
    assertThat(fill(1, present(8, "eight"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(absence(7));
  }

  @Test
  default void fill_damaged_refused() {
    givenDamage();
    assertThat(fill(5, present(8, "eight"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(new Slot.Damaged());
  }

  @Test
  default void fill_claimExpired_refused() {
    store().claim(key(), 5, ClaimMode.UNLESS_PRESENT, SHORT, SHORT);
    elapse(SHORT);
    assertThat(fill(5, present(7, "row"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void fill_claimEvicted_refused() {
    givenClaim(5);
    evict(key());
    assertThat(fill(5, present(7, "row"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void fill_valueWithoutGraceExpired_empty() {
    givenEntry(present(7, "seven"), SOON_GONE);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void fill_absenceWithoutGraceExpired_empty() {
    givenEntry(absent(7), SOON_GONE);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void fill_valueWithGrace_freshThenExpired() {
    givenEntry(present(7, "seven"), new Lifetime(LONG, LONG));
    assertThat(slot()).isEqualTo(value(7, "seven"));
    publish(absent());
    givenEntry(present(7, "seven"), SOON_EXPIRED);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(expiredValue(7, "seven"));
  }

  @Test
  default void fill_absenceWithGrace_freshThenExpired() {
    givenEntry(absent(7), new Lifetime(LONG, LONG));
    assertThat(slot()).isEqualTo(absence(7));
    publish(absent());
    givenEntry(absent(7), SOON_EXPIRED);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(expiredAbsence(7));
  }

  @Test
  default void fill_graceOver_empty() {
    givenEntry(present(7, "seven"), new Lifetime(SHORT, SHORT));
    elapse(SHORT.plus(SHORT));
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void fill_longestLifetime_stored() {
    Duration centuries = Duration.ofDays(1_000_000);
    givenClaim(5);
    FillAnswer answer =
        store()
            .fill(
                key(),
                5,
                present(7, "seven"),
                FloorRule.AT_OR_ABOVE,
                new Lifetime(centuries, centuries));
    assertThat(answer).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(value(7, "seven"));
  }
}
