package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.empty;
import static io.tidemark.testkit.SlotStoreFixture.expiredValue;
import static io.tidemark.testkit.SlotStoreFixture.floorOnly;
import static io.tidemark.testkit.SlotStoreFixture.present;
import static io.tidemark.testkit.SlotStoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Version;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link io.tidemark.spi.SlotStore#drop}. */
interface DropContract extends SlotStoreFixture {

  private PublishAnswer drop(long version, Duration floorLife) {
    return store().drop(key(), version, floorLife);
  }

  @Test
  default void drop_value_floorKept() {
    givenValue(7, "row");
    drop(Version.NONE, LONG);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void drop_expiredValue_floorKept() {
    givenExpiredValue(7, "row");
    drop(Version.NONE, LONG);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void drop_absence_floorKept() {
    givenAbsence(7);
    drop(Version.NONE, LONG);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void drop_absenceWithoutFloor_empty() {
    givenAbsence();
    drop(Version.NONE, LONG);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void drop_claim_brokenAndFloorKept() {
    givenClaim(5, 7);
    drop(Version.NONE, LONG);
    assertThat(slot()).isEqualTo(floorOnly(7));
    assertThat(fill(5, present(8, "row"))).isEqualTo(FillAnswer.REFUSED);
  }

  @Test
  default void drop_empty_empty() {
    drop(Version.NONE, LONG);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void drop_damaged_empty() {
    givenDamage();
    drop(Version.NONE, LONG);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void drop_value_livesAsFloor() {
    givenValue(7, "row");
    drop(Version.NONE, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void drop_valueWithoutFloorLife_empty() {
    givenValue(7, "row");
    drop(Version.NONE, Duration.ZERO);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void drop_claimWithoutFloor_brokenAndEmpty() {
    givenClaim(5);
    drop(Version.NONE, LONG);
    assertThat(slot()).isEqualTo(empty());
    assertThat(fill(5, present(8, "row"))).isEqualTo(FillAnswer.REFUSED);
  }

  @Test
  default void drop_floor_endsAllTheSame() {
    store().publish(key(), LockHandle.NO_FENCE, present(7, "unseen"), KEPT, SHORT);
    drop(Version.NONE, LONG);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void drop_claimOverEndedFloor_empty() {
    givenClaimOverEndedFloor(5, 7);
    drop(Version.NONE, LONG);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void drop_versionOverEmpty_isFloor() {
    assertThat(drop(7, LONG)).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void drop_versionOverDamage_isFloor() {
    givenDamage();
    assertThat(drop(7, LONG)).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void drop_versionOverEmptyWithoutFloorLife_empty() {
    assertThat(drop(7, Duration.ZERO)).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(empty());
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void drop_versionAboveValue_isFloor(long lower, long higher) {
    givenValue(lower, "row");
    assertThat(drop(higher, LONG)).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(higher));
  }

  @Test
  default void drop_versionOfValue_isFloor() {
    givenValue(7, "row");
    assertThat(drop(7, LONG)).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void drop_versionBelowValue_superseded(long lower, long higher) {
    givenValue(higher, "row");
    assertThat(drop(lower, LONG)).isEqualTo(PublishAnswer.SUPERSEDED);
    assertThat(slot()).isEqualTo(value(higher, "row"));
  }

  @Test
  default void drop_versionBelowExpiredValue_superseded() {
    givenExpiredValue(7, "row");
    assertThat(drop(6, LONG)).isEqualTo(PublishAnswer.SUPERSEDED);
    assertThat(slot()).isEqualTo(expiredValue(7, "row"));
  }

  @ParameterizedTest
  @ValueSource(longs = {6, 7, 8})
  default void drop_versionOverAbsence_higherIsFloor(long version) {
    givenAbsence(7);
    assertThat(drop(version, LONG)).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(Math.max(7, version)));
  }

  @ParameterizedTest
  @ValueSource(longs = {6, 7, 8})
  default void drop_versionOverClaim_brokenAndHigherIsFloor(long version) {
    givenClaim(5, 7);
    assertThat(drop(version, LONG)).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(Math.max(7, version)));
    assertThat(fill(5, present(9, "row"))).isEqualTo(FillAnswer.REFUSED);
  }

  @Test
  default void drop_versionBelowFloor_floorLivesAnew() {
    store().publish(key(), LockHandle.NO_FENCE, present(7, "unseen"), KEPT, LONG.dividedBy(2));
    Slot.Pending published = pendingSlot();
    assertThat(drop(6, LONG)).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
    assertThat(pendingSlot().floorEndsAt()).isAfter(published.floorEndsAt());
  }

  @Test
  default void drop_negativeVersion_refused() {
    givenValue(7, "row");
    assertThatIllegalArgumentException().isThrownBy(() -> drop(-2, LONG));
    assertThat(slot()).isEqualTo(value(7, "row"));
  }
}
