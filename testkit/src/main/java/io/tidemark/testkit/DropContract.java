package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.empty;
import static io.tidemark.testkit.SlotStoreFixture.floorOnly;
import static io.tidemark.testkit.SlotStoreFixture.present;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.LockHandle;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@link io.tidemark.spi.SlotStore#drop}. */
interface DropContract extends SlotStoreFixture {

  @Test
  default void drop_value_floorKept() {
    givenValue(7, "row");
    store().drop(key(), LONG);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void drop_expiredValue_floorKept() {
    givenExpiredValue(7, "row");
    store().drop(key(), LONG);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void drop_absence_floorKept() {
    givenAbsence(7);
    store().drop(key(), LONG);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void drop_absenceWithoutFloor_empty() {
    givenAbsence();
    store().drop(key(), LONG);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void drop_claim_brokenAndFloorKept() {
    givenClaim(5, 7);
    store().drop(key(), LONG);
    assertThat(slot()).isEqualTo(floorOnly(7));
    assertThat(fill(5, present(8, "row"))).isEqualTo(FillAnswer.REFUSED);
  }

  @Test
  default void drop_empty_empty() {
    store().drop(key(), LONG);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void drop_damaged_empty() {
    givenDamage();
    store().drop(key(), LONG);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void drop_value_livesAsFloor() {
    givenValue(7, "row");
    store().drop(key(), SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void drop_valueWithoutFloorLife_empty() {
    givenValue(7, "row");
    store().drop(key(), Duration.ZERO);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void drop_claimWithoutFloor_brokenAndEmpty() {
    givenClaim(5);
    store().drop(key(), LONG);
    assertThat(slot()).isEqualTo(empty());
    assertThat(fill(5, present(8, "row"))).isEqualTo(FillAnswer.REFUSED);
  }

  @Test
  default void drop_floor_endsAllTheSame() {
    store().publish(key(), LockHandle.NO_FENCE, present(7, "unseen"), KEPT, SHORT);
    store().drop(key(), LONG);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void drop_claimOverEndedFloor_empty() {
    givenClaimOverEndedFloor(5, 7);
    store().drop(key(), LONG);
    assertThat(slot()).isEqualTo(empty());
  }
}
