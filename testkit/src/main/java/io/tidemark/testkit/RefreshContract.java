package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.absent;
import static io.tidemark.testkit.SlotStoreFixture.empty;
import static io.tidemark.testkit.SlotStoreFixture.expiredValue;
import static io.tidemark.testkit.SlotStoreFixture.floorOnly;
import static io.tidemark.testkit.SlotStoreFixture.pending;
import static io.tidemark.testkit.SlotStoreFixture.present;
import static io.tidemark.testkit.SlotStoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** The table of {@link io.tidemark.spi.SlotStore#refresh}. */
interface RefreshContract extends SlotStoreFixture {

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void refresh_olderValue_stored(long lower, long higher) {
    givenValue(lower, "old");
    assertThat(refresh(present(higher, "new"))).isEqualTo(RefreshAnswer.STORED);
    assertThat(slot()).isEqualTo(value(higher, "new"));
  }

  @Test
  default void refresh_olderExpiredValue_storedFresh() {
    givenExpiredValue(7, "old");
    assertThat(refresh(present(8, "new"))).isEqualTo(RefreshAnswer.STORED);
    assertThat(slot()).isEqualTo(value(8, "new"));
  }

  @Test
  default void refresh_sameExpiredValue_freshAgain() {
    givenExpiredValue(7, "row");
    assertThat(refresh(present(7, "row"))).isEqualTo(RefreshAnswer.STORED);
    assertThat(slot()).isEqualTo(value(7, "row"));
  }

  @Test
  default void refresh_sameValue_startsLifeAnew() {
    givenValue(7, "row");
    assertThat(store().refresh(key(), present(7, "row"), SOON_EXPIRED, LONG))
        .isEqualTo(RefreshAnswer.STORED);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(expiredValue(7, "row"));
  }

  @Test
  default void refresh_tiedValue_dropped() {
    givenValue(7, "one");
    assertThat(refresh(present(7, "two"))).isEqualTo(RefreshAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void refresh_newerValue_superseded(long lower, long higher) {
    givenValue(higher, "new");
    assertThat(store().refresh(key(), present(lower, "old"), SOON_GONE, SHORT))
        .isEqualTo(RefreshAnswer.SUPERSEDED);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(value(higher, "new"));
  }

  @Test
  default void refresh_valueAbsence_dropped() {
    givenValue(7, "row");
    assertThat(refresh(absent())).isEqualTo(RefreshAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void refresh_valueVersionedAbsence_dropped() {
    givenValue(7, "row");
    assertThat(refresh(absent(8))).isEqualTo(RefreshAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  /** What is kept for bad times only must not keep the source's own row out. */
  @Test
  default void refresh_newerExpiredValue_dropped() {
    givenExpiredValue(8, "new");
    assertThat(refresh(present(7, "old"))).isEqualTo(RefreshAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(8));
  }

  @Test
  default void refresh_newerExpiredValueWithoutFloorLife_empty() {
    givenExpiredValue(8, "new");
    assertThat(store().refresh(key(), present(7, "old"), KEPT, Duration.ZERO))
        .isEqualTo(RefreshAnswer.DROPPED);
    assertThat(slot()).isEqualTo(empty());
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void refresh_olderAbsence_dropped(long lower, long higher) {
    givenAbsence(lower);
    assertThat(refresh(present(higher, "row"))).isEqualTo(RefreshAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(higher));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void refresh_newerAbsence_dropped(long lower, long higher) {
    givenAbsence(higher);
    assertThat(refresh(present(lower, "row"))).isEqualTo(RefreshAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(higher));
  }

  @Test
  default void refresh_sameAbsence_dropped() {
    givenAbsence(7);
    assertThat(refresh(absent(7))).isEqualTo(RefreshAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void refresh_absenceWithoutFloorAbsenceWithoutVersion_dropped() {
    givenAbsence();
    assertThat(refresh(absent())).isEqualTo(RefreshAnswer.DROPPED);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void refresh_dropped_livesAsFloor() {
    givenValue(7, "one");
    store().refresh(key(), present(7, "two"), KEPT, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void refresh_empty_refused() {
    assertThat(refresh(present(7, "row"))).isEqualTo(RefreshAnswer.REFUSED);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void refresh_evictedValue_refused() {
    givenValue(7, "row");
    evict(key());
    assertThat(refresh(present(7, "row"))).isEqualTo(RefreshAnswer.REFUSED);
    assertThat(slot()).isEqualTo(empty());
  }

  @Test
  default void refresh_claim_refused() {
    givenClaim(5, 7);
    assertThat(refresh(present(8, "row"))).isEqualTo(RefreshAnswer.REFUSED);
    assertThat(slot()).isEqualTo(pending(5, 7));
  }

  @Test
  default void refresh_floorOnly_refused() {
    givenFloor(7);
    assertThat(refresh(present(8, "row"))).isEqualTo(RefreshAnswer.REFUSED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void refresh_damaged_refused() {
    givenDamage();
    assertThat(refresh(present(8, "row"))).isEqualTo(RefreshAnswer.REFUSED);
    assertThat(slot()).isEqualTo(new Slot.Damaged());
  }
}
