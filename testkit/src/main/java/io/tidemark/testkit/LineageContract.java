package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.absence;
import static io.tidemark.testkit.SlotStoreFixture.absent;
import static io.tidemark.testkit.SlotStoreFixture.empty;
import static io.tidemark.testkit.SlotStoreFixture.floorOnly;
import static io.tidemark.testkit.SlotStoreFixture.pending;
import static io.tidemark.testkit.SlotStoreFixture.present;
import static io.tidemark.testkit.SlotStoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Version;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Slots of another lineage, in the tables of {@link io.tidemark.spi.SlotStore}. */
interface LineageContract extends SlotStoreFixture {

  private void givenLostValue(long version) {
    givenValue(version, "lost");
    beginLineage();
  }

  @Test
  default void read_entryOfAnotherLineage_empty() {
    givenLostValue(7);
    assertThat(slot()).isEqualTo(empty());
    evict(key());
    givenAbsence(7);
    beginLineage();
    assertThat(slot()).isEqualTo(empty());
    evict(key());
    givenExpiredValue(7, "lost");
    beginLineage();
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void read_floorOfAnotherLineage_kept() {
    givenFloor(7);
    beginLineage();
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void read_claimOfAnotherLineage_floorOnly() {
    givenClaim(5, 7);
    beginLineage();
    assertThat(slot()).isEqualTo(floorOnly(7));
    evict(key());
    givenClaim(5);
    beginLineage();
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void read_damageAfterNewLineage_damaged() {
    givenDamage();
    beginLineage();
    assertThat(slot()).isEqualTo(new Slot.Damaged());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 7, Long.MAX_VALUE})
  default void claim_valueOfAnotherLineage_itsVersionIsTheFloor(long version) {
    givenLostValue(version);
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Claimed(version));
    assertThat(slot()).isEqualTo(pending(5, version));
  }

  @Test
  default void claim_absenceOfAnotherLineage_itsFloorIsTheFloor() {
    givenAbsence(7);
    beginLineage();
    assertThat(claimIfFree(-5)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(-5, 7));
    evict(key());
    givenAbsence();
    beginLineage();
    assertThat(claimIfFree(-5)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
    assertThat(slot()).isEqualTo(pending(-5, Version.NONE));
  }

  @Test
  default void claim_expiredValueOfAnotherLineage_notReserved() {
    givenExpiredValue(7, "lost");
    beginLineage();
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(5, 7));
  }

  @Test
  default void claim_reservedInAnotherLineage_claimed() {
    givenExpiredValue(7, "lost");
    claimIfFree(-5);
    beginLineage();
    assertThat(store().read(key()).claim()).isNull();
    assertThat(store().renew(key(), -5, LONG)).isFalse();
    assertThat(store().abandon(key(), -5)).isFalse();
    assertThat(claimIfFree(-6)).isEqualTo(new ClaimAnswer.Claimed(7));
  }

  @Test
  default void claim_withoutFloors_valueOfAnotherLineageLeavesNone() {
    givenLostValue(7);
    assertThat(store().claim(key(), 5, ClaimMode.UNLESS_PRESENT, LONG, Duration.ZERO))
        .isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
    assertThat(slot()).isEqualTo(pending(5, Version.NONE));
  }

  @ParameterizedTest
  @ValueSource(longs = {6, -6})
  default void claim_claimOfAnotherLineage_doesNotStand(long holder) {
    store().claim(key(), holder, holder > 0 ? ClaimMode.ALWAYS : ClaimMode.IF_FREE, LONG, LONG);
    beginLineage();
    assertThat(claimIfFree(-5)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
    beginLineage();
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
  }

  @Test
  default void fill_claimOfAnotherLineage_refused() {
    givenClaim(5, 7);
    beginLineage();
    for (FloorRule rule : FloorRule.values()) {
      assertThat(store().fill(key(), 5, present(9, "read before"), rule, KEPT))
          .isEqualTo(FillAnswer.REFUSED);
    }
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void fill_claimOfThisLineage_stored() {
    givenLostValue(7);
    claim(5);
    assertThat(fill(5, present(7, "seven"))).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(value(7, "seven"));
    beginLineage();
    claim(6);
    assertThat(fill(6, absent())).isEqualTo(FillAnswer.STORED);
    assertThat(slot()).isEqualTo(absence(7));
  }

  @Test
  default void fillFromReplica_versionOfValueOfAnotherLineage_behind() {
    givenLostValue(7);
    claim(5);
    assertThat(fillFromReplica(5, present(7, "seven"))).isEqualTo(FillAnswer.BEHIND);
    assertThat(fillFromReplica(5, absent())).isEqualTo(FillAnswer.BEHIND);
    assertThat(fillFromReplica(5, present(8, "eight"))).isEqualTo(FillAnswer.STORED);
  }

  @Test
  default void renewAndAbandon_claimOfAnotherLineage_refused() {
    givenClaim(5, 7);
    beginLineage();
    assertThat(store().renew(key(), 5, LONG)).isFalse();
    assertThat(store().abandon(key(), 5)).isFalse();
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @ParameterizedTest
  @ValueSource(longs = {6, 7, 8})
  default void publish_valueOfAnotherLineage_droppedBehindTheLaterVersion(long version) {
    givenLostValue(7);
    assertThat(publish(present(version, "lost"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(Math.max(7, version)));
  }

  @Test
  default void publish_absenceOfAnotherLineage_dropped() {
    givenAbsence(7);
    beginLineage();
    assertThat(publish(absent(7))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void publish_ownClaimOfAnotherLineage_dropped() {
    givenClaim(5, 7);
    beginLineage();
    assertThat(publish(5, present(8, "eight"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(8));
  }

  @Test
  default void refresh_valueOfAnotherLineage_refusedAndFloorKept() {
    givenLostValue(7);
    assertThat(refresh(present(8, "eight"))).isEqualTo(RefreshAnswer.REFUSED);
    assertThat(store().renew(key(), 5, LONG)).isFalse();
    assertThat(fill(5, present(8, "eight"))).isEqualTo(FillAnswer.REFUSED);
    assertThat(slot()).isEqualTo(empty());
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Claimed(7));
  }

  @ParameterizedTest
  @ValueSource(longs = {Version.NONE, 6, 7, 8})
  default void drop_valueOfAnotherLineage_droppedBehindTheLaterVersion(long version) {
    givenLostValue(7);
    assertThat(store().drop(key(), version, LONG)).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(Math.max(7, version)));
  }

  @Test
  default void clear_slotsOfAnotherLineage_removed() {
    givenLostValue(7);
    store().clear(key().cache());
    assertThat(claim(5)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
  }

  @Test
  default void mayLackFloors_newLineageMet_forTheLifeOfAFloor() {
    beginLineage();
    claim(5);
    assertThat(store().mayLackFloors(LONG)).isTrue();
    assertThat(store().mayLackFloors(Duration.ZERO)).isFalse();
    elapse(SHORT);
    assertThat(store().mayLackFloors(SHORT)).isFalse();
  }
}
