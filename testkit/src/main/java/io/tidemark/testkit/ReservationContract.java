package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.absent;
import static io.tidemark.testkit.SlotStoreFixture.empty;
import static io.tidemark.testkit.SlotStoreFixture.expiredAbsence;
import static io.tidemark.testkit.SlotStoreFixture.expiredValue;
import static io.tidemark.testkit.SlotStoreFixture.floorOnly;
import static io.tidemark.testkit.SlotStoreFixture.lostTo;
import static io.tidemark.testkit.SlotStoreFixture.pending;
import static io.tidemark.testkit.SlotStoreFixture.present;
import static io.tidemark.testkit.SlotStoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Version;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expired entries that loads reserve, in the tables of {@link io.tidemark.spi.SlotStore}. */
interface ReservationContract extends SlotStoreFixture {

  /** An expired value that is reserved by a lock's fence, or by a ballot. */
  default void givenReservedValue(long fence, long version, String payload) {
    givenExpiredValue(version, payload);
    assertThat(reserve(fence)).isEqualTo(new ClaimAnswer.Reserved(version));
    assertThat(slot()).isEqualTo(expiredValue(version, payload));
  }

  /** By a lock's fence, or by a ballot. */
  private ClaimAnswer reserve(long fence) {
    return fence > 0 ? claim(fence) : claimIfFree(fence);
  }

  /** Nobody has reserved the value: anybody may. */
  default void assertNotReserved(long version) {
    assertThat(claimIfFree(-77)).isEqualTo(new ClaimAnswer.Reserved(version));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 5, Long.MAX_VALUE, -1, -5, -Long.MAX_VALUE})
  default void claim_expiredValue_reservedAndKept(long fence) {
    givenReservedValue(fence, 7, "seven");
    assertThat(claimIfFree(-77)).isEqualTo(lostTo(fence, 7));
    assertThat(slot()).isEqualTo(expiredValue(7, "seven"));
  }

  @ParameterizedTest
  @ValueSource(longs = {5, -5})
  default void claim_expiredAbsence_reservedAndKept(long fence) {
    for (long floor : new long[] {7, Version.NONE}) {
      evict(key());
      givenExpiredAbsence(floor);
      assertThat(reserve(fence)).isEqualTo(new ClaimAnswer.Reserved(floor));
      assertThat(claimIfFree(-77)).isEqualTo(lostTo(fence, floor));
      assertThat(store().renew(key(), fence, LONG)).isTrue();
      assertThat(slot()).isEqualTo(expiredAbsence(floor));
      assertThat(store().abandon(key(), fence)).isTrue();
      assertThat(slot()).isEqualTo(expiredAbsence(floor));
      assertNotReserved(floor);
      assertThat(refresh(absent(8))).isEqualTo(RefreshAnswer.DROPPED);
      assertThat(slot()).isEqualTo(floorOnly(8));
    }
  }

  @Test
  default void claim_expiredEmptyPayload_reservedAndKept() {
    givenReservedValue(-5, 0, "");
    assertThat(claimIfFree(-6)).isEqualTo(lostTo(-5, 0));
    assertThat(slot()).isEqualTo(expiredValue(0, ""));
  }

  @ParameterizedTest
  @ArgumentsSource(AscendingNumbers.class)
  default void claim_reservedByLock_laterFenceTakesOver(long lower, long higher) {
    givenReservedValue(lower, 7, "seven");
    assertThat(claim(higher)).isEqualTo(new ClaimAnswer.Reserved(7));
    assertThat(claim(lower)).isEqualTo(lostTo(higher, 7));
    assertThat(claimAlways(lower)).isInstanceOf(ClaimAnswer.Lost.class);
    assertThat(slot()).isEqualTo(expiredValue(7, "seven"));
  }

  @Test
  default void claim_reservedByBallot_lost() {
    givenReservedValue(-5, 7, "seven");
    assertThat(claim(5)).isEqualTo(lostTo(-5, 7));
    assertThat(claimIfFree(-6)).isEqualTo(lostTo(-5, 7));
    assertThat(claimIfFree(-5)).isEqualTo(new ClaimAnswer.Reserved(7));
  }

  @Test
  default void claimAlways_reservedByBallot_hiddenBehindFloor() {
    givenReservedValue(-5, 7, "seven");
    assertThat(claimAlways(5)).isEqualTo(new ClaimAnswer.Claimed(7));
    assertThat(slot()).isEqualTo(pending(5, 7));
  }

  @Test
  default void claim_lostToReservation_toldWhoAndUntilWhen() {
    givenExpiredValue(7, "seven");
    storeOf("loader").claim(key(), -5, ClaimMode.IF_FREE, LONG, LONG);
    ClaimAnswer answer = storeOf("other").claim(key(), 5, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    assertThat(answer)
        .isInstanceOfSatisfying(
            ClaimAnswer.Lost.class,
            lost -> {
              Slot.Pending claim = lost.claim();
              assertThat(claim.writer()).isEqualTo("loader");
              assertThat(Duration.between(claim.writtenAt(), claim.claimEndsAt()))
                  .isBetween(LONG, LONG.plusSeconds(1));
              assertThat(store().read(key()).claim()).isEqualTo(claim);
            });
  }

  @Test
  default void claim_reservationOver_reservedByAnybody() {
    givenExpiredValue(7, "seven");
    store().claim(key(), -5, ClaimMode.IF_FREE, SHORT, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(expiredValue(7, "seven"));
    assertThat(store().read(key()).claim()).isNull();
    assertThat(store().renew(key(), -5, LONG)).isFalse();
    assertThat(store().abandon(key(), -5)).isFalse();
    assertNotReserved(7);
  }

  @Test
  default void claim_reserved_leavesLifeOfTheValue() {
    givenEntry(present(7, "seven"), new Lifetime(SHORT, SHORT));
    elapse(SHORT);
    claimIfFree(-5);
    store().renew(key(), -5, LONG);
    elapse(SHORT);
    // On a slow machine the value was gone before the claim, which stands then.
    store().abandon(key(), -5);
    assertThat(slot()).isEqualTo(empty());
    assertThat(claim(1)).isEqualTo(new ClaimAnswer.Claimed(Version.NONE));
  }

  @Test
  default void claim_reservedWithLifeUnderOneMillisecond_refusedAsArgument() {
    givenExpiredValue(7, "seven");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> store().claim(key(), -5, ClaimMode.IF_FREE, Duration.ofNanos(999_999), LONG));
    assertNotReserved(7);
  }

  @ParameterizedTest
  @ValueSource(longs = {5, -5})
  default void renew_ownReservation_startsLifeAnew(long fence) {
    givenReservedValue(fence, 7, "seven");
    assertThat(store().renew(key(), fence, SHORT)).isTrue();
    elapse(SHORT);
    assertNotReserved(7);
    assertThat(slot()).isEqualTo(expiredValue(7, "seven"));
  }

  @ParameterizedTest
  @ValueSource(longs = {5, -5})
  default void renewAndAbandon_othersReservation_refused(long fence) {
    givenReservedValue(fence, 7, "seven");
    for (long other : new long[] {-fence, 4, 6, -4, -6}) {
      assertThat(store().renew(key(), other, SHORT)).isFalse();
      assertThat(store().abandon(key(), other)).isFalse();
    }
    elapse(SHORT);
    assertThat(claimIfFree(-77)).isEqualTo(lostTo(fence, 7));
  }

  @ParameterizedTest
  @ValueSource(longs = {5, -5})
  default void abandon_ownReservation_valueFree(long fence) {
    givenReservedValue(fence, 7, "seven");
    assertThat(store().abandon(key(), fence)).isTrue();
    assertThat(store().read(key()).claim()).isNull();
    assertThat(slot()).isEqualTo(expiredValue(7, "seven"));
    assertThat(store().abandon(key(), fence)).isFalse();
    assertNotReserved(7);
  }

  @Test
  default void fill_reservedValue_refused() {
    givenReservedValue(-5, 7, "seven");
    for (FloorRule rule : FloorRule.values()) {
      assertThat(store().fill(key(), -5, present(8, "eight"), rule, KEPT))
          .isEqualTo(FillAnswer.REFUSED);
    }
    assertThat(slot()).isEqualTo(expiredValue(7, "seven"));
    assertThat(claim(5)).isEqualTo(lostTo(-5, 7));
  }

  @Test
  default void refresh_reservedValue_storedAndFree() {
    for (EncodedRow row : new EncodedRow[] {present(8, "eight"), present(7, "seven")}) {
      evict(key());
      givenReservedValue(-5, 7, "seven");
      assertThat(refresh(row)).isEqualTo(RefreshAnswer.STORED);
      assertThat(slot().isHit()).isTrue();
      assertThat(store().renew(key(), -5, LONG)).isFalse();
      assertThat(store().abandon(key(), -5)).isFalse();
    }
  }

  @Test
  default void refresh_reservedValueOtherwise_droppedAndFree() {
    for (EncodedRow row : new EncodedRow[] {present(7, "tied"), present(6, "six"), absent(8)}) {
      evict(key());
      givenReservedValue(-5, 7, "seven");
      assertThat(refresh(row)).isEqualTo(RefreshAnswer.DROPPED);
      assertThat(slot()).isEqualTo(floorOnly(7));
    }
  }

  @Test
  default void publish_reservedValue_asToAnyValue() {
    givenReservedValue(-5, 7, "seven");
    assertThat(publish(present(6, "six"))).isEqualTo(PublishAnswer.SUPERSEDED);
    assertThat(publish(present(7, "seven"))).isEqualTo(PublishAnswer.SAME);
    assertThat(claim(5)).isEqualTo(lostTo(-5, 7));
    assertThat(publish(present(8, "eight"))).isEqualTo(PublishAnswer.STORED);
    assertThat(slot()).isEqualTo(value(8, "eight"));
    assertThat(store().abandon(key(), -5)).isFalse();
  }

  @Test
  default void publish_reservedValueTied_dropped() {
    givenReservedValue(-5, 7, "seven");
    assertThat(publish(present(7, "tied"))).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(7));
  }

  @Test
  default void drop_reservedValue_dropped() {
    givenReservedValue(-5, 7, "seven");
    assertThat(store().drop(key(), 6, LONG)).isEqualTo(PublishAnswer.SUPERSEDED);
    assertThat(store().drop(key(), 8, LONG)).isEqualTo(PublishAnswer.DROPPED);
    assertThat(slot()).isEqualTo(floorOnly(8));
  }
}
