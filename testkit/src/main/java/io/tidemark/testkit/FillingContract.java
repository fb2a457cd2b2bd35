package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.absent;
import static io.tidemark.testkit.SlotStoreFixture.bytes;
import static io.tidemark.testkit.SlotStoreFixture.present;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.Filling;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a slot tells of who wrote it, when, at what cost, and how long it is still fresh. */
interface FillingContract extends SlotStoreFixture {
  /** Of two digits, as finely as any store has to keep it. */
  Duration LOAD_TIME = Duration.of(1_200_000, ChronoUnit.MICROS);

  /** A store has to tell seconds apart, and may tell more. */
  Duration SECOND = Duration.ofSeconds(1);

  @Test
  default void claim_empty_signedByTheClaimer() {
    storeOf("claimer").claim(key(), 5, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    assertThat(pendingSlot().writer()).isEqualTo("claimer");
  }

  @Test
  default void claim_takenOver_signedByTheLater() {
    storeOf("first").claim(key(), 5, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    Slot.Pending first = pendingSlot();
    elapse(SECOND);
    storeOf("later").claim(key(), 6, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    assertThat(pendingSlot().writer()).isEqualTo("later");
    assertThat(pendingSlot().writtenAt()).isAfterOrEqualTo(first.writtenAt().plus(SECOND));
  }

  @Test
  default void claim_lost_signatureUnchanged() {
    storeOf("later").claim(key(), 6, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    Slot.Pending before = pendingSlot();
    elapse(SHORT);
    storeOf("first").claim(key(), 5, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    assertThat(pendingSlot()).isEqualTo(before);
  }

  @Test
  default void renew_ownClaim_signatureUnchanged() {
    storeOf("claimer").claim(key(), 5, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    Slot.Pending claimed = pendingSlot();
    elapse(SHORT);
    assertThat(storeOf("claimer").renew(key(), 5, LONG)).isTrue();
    assertThat(pendingSlot().writer()).isEqualTo("claimer");
    assertThat(pendingSlot().writtenAt()).isEqualTo(claimed.writtenAt());
    assertThat(pendingSlot().claimEndsAt()).isAfterOrEqualTo(claimed.claimEndsAt().plus(SHORT));
  }

  @Test
  default void claim_lostToAnother_tellsWhoseItIsAndSinceWhen() {
    storeOf("later").claim(key(), 6, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    ClaimAnswer answer = storeOf("first").claim(key(), 5, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    assertThat(answer).isEqualTo(new ClaimAnswer.Lost(pendingSlot()));
  }

  @Test
  default void claim_overAFloor_tellsBothEnds() {
    givenValue(7, "row");
    store().claim(key(), 5, ClaimMode.ALWAYS, LONG, LONG.plus(LONG));
    Slot.Pending pending = pendingSlot();
    Duration apart = Duration.between(pending.claimEndsAt(), pending.floorEndsAt());
    assertThat(apart).isEqualTo(LONG);
    assertThat(Duration.between(pending.writtenAt(), pending.claimEndsAt()))
        .isBetween(LONG, LONG.plus(SECOND));
  }

  @Test
  default void abandon_withFloor_signedByWhoGaveUp() {
    givenFloor(7);
    SlotStore loader = storeOf("loader");
    loader.claim(key(), 5, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    loader.abandon(key(), 5);
    assertThat(pendingSlot().fence()).isEqualTo(LockHandle.NO_FENCE);
    assertThat(pendingSlot().writer()).isEqualTo("loader");
  }

  @Test
  default void fill_present_signedWithItsCost() {
    fillAs("loader", new EncodedRow.Present(7, bytes("row"), LOAD_TIME), KEPT);
    assertThat(filling().writer()).isEqualTo("loader");
    assertThat(filling().loadTime()).isEqualTo(LOAD_TIME);
    assertThat(filling().freshFor()).isBetween(LONG.dividedBy(2), LONG);
  }

  @Test
  default void fill_absence_signedWithItsCost() {
    fillAs("loader", new EncodedRow.Absent(7, LOAD_TIME), KEPT);
    assertThat(filling().writer()).isEqualTo("loader");
    assertThat(filling().loadTime()).isEqualTo(LOAD_TIME);
    assertThat(filling().freshFor()).isBetween(LONG.dividedBy(2), LONG);
  }

  @Test
  default void fill_withGrace_freshForItsTimeToLiveAlone() {
    fillAs("loader", present(7, "row"), new Lifetime(LONG, LONG));
    assertThat(filling().freshFor()).isBetween(LONG.dividedBy(2), LONG);
    assertThat(filling().life()).isBetween(LONG.dividedBy(2), LONG);
    assertThat(filling().expiredFor()).isZero();
  }

  @Test
  default void fill_refused_signatureUnchanged() {
    storeOf("claimer").claim(key(), 5, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    Slot.Pending before = pendingSlot();
    elapse(SHORT);
    storeOf("loader").fill(key(), 4, present(7, "row"), FloorRule.AT_OR_ABOVE, KEPT);
    assertThat(pendingSlot()).isEqualTo(before);
  }

  @Test
  default void read_whileFresh_freshForLessAndLess() {
    fillAs("loader", present(7, "row"), KEPT);
    Filling filled = filling();
    elapse(SHORT);
    assertThat(filling().writtenAt()).isEqualTo(filled.writtenAt());
    // Half is left to stores that only estimate what the clock says that measures lives.
    assertThat(filling().freshFor()).isLessThan(LONG.minus(SHORT.dividedBy(2)));
  }

  @Test
  default void read_expired_freshForNothingAndStillSigned() {
    fillAs("loader", new EncodedRow.Present(7, bytes("row"), LOAD_TIME), SOON_EXPIRED);
    elapse(SHORT);
    assertThat(filling().freshFor()).isZero();
    assertThat(filling().writer()).isEqualTo("loader");
    elapse(SHORT);
    assertThat(filling().expiredFor()).isPositive();
    assertThat(filling().loadTime()).isEqualTo(LOAD_TIME);
  }

  @Test
  default void claim_hit_tellsWhatAReadTells() {
    fillAs("loader", new EncodedRow.Present(7, bytes("row"), LOAD_TIME), KEPT);
    ClaimAnswer answer = storeOf("claimer").claim(key(), 9, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    assertThat(answer).isInstanceOf(ClaimAnswer.Hit.class);
    Filling hit = fillingOf(((ClaimAnswer.Hit) answer).slot());
    assertThat(hit.writer()).isEqualTo("loader");
    assertThat(hit.loadTime()).isEqualTo(LOAD_TIME);
    assertThat(hit.writtenAt()).isEqualTo(filling().writtenAt());
  }

  @Test
  default void publish_olderValue_signedByThePublisher() {
    fillAs("loader", new EncodedRow.Present(7, bytes("row"), LOAD_TIME), SOON_EXPIRED);
    Filling filled = filling();
    elapse(SHORT);
    assertThat(publishAs("author", present(8, "new"))).isEqualTo(PublishAnswer.STORED);
    assertThat(filling().writer()).isEqualTo("author");
    assertThat(filling().writtenAt()).isAfterOrEqualTo(filled.writtenAt());
    assertThat(filling().loadTime()).as("unknown").isZero();
    assertThat(filling().freshFor()).isBetween(LONG.dividedBy(2), LONG);
  }

  @Test
  default void publish_sameValue_signatureUnchanged() {
    fillAs("loader", present(7, "row"), KEPT);
    Filling filled = filling();
    elapse(SHORT);
    assertThat(publishAs("author", present(7, "row"))).isEqualTo(PublishAnswer.SAME);
    assertThat(filling().writer()).isEqualTo("loader");
    assertThat(filling().writtenAt()).isEqualTo(filled.writtenAt());
  }

  @Test
  default void publish_empty_floorSignedByThePublisher() {
    publishAs("author", present(7, "row"));
    assertThat(pendingSlot().writer()).isEqualTo("author");
  }

  @Test
  default void drop_value_signedByWhoDropped() {
    givenValue(7, "row");
    storeOf("dropper").drop(key(), Version.NONE, LONG);
    assertThat(pendingSlot().writer()).isEqualTo("dropper");
  }

  @Test
  default void refresh_sameExpiredValue_armedAnewAndSignedByTheRefresher() {
    fillAs("loader", present(7, "row"), SOON_EXPIRED);
    Filling filled = filling();
    elapse(SHORT);
    EncodedRow row = new EncodedRow.Present(7, bytes("row"), LOAD_TIME);
    assertThat(storeOf("again").refresh(key(), row, KEPT, LONG)).isEqualTo(RefreshAnswer.STORED);
    assertThat(filling().writer()).isEqualTo("again");
    assertThat(filling().writtenAt()).isAfterOrEqualTo(filled.writtenAt());
    assertThat(filling().loadTime()).isEqualTo(LOAD_TIME);
    assertThat(filling().freshFor()).isBetween(LONG.dividedBy(2), LONG);
  }

  @Test
  default void refresh_absence_floorSignedByTheRefresher() {
    givenAbsence(7);
    storeOf("again").refresh(key(), absent(7), KEPT, LONG);
    assertThat(pendingSlot().writer()).isEqualTo("again");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "4711@n-1", "!\"#$%&'(", ")*+,-./:", ";<=>?@[\\", "]^_`{|}~"})
  default void storeOf_nameOfAnyPrintable_readBack(String name) {
    storeOf(name).claim(key(), 5, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    assertThat(pendingSlot().writer()).isEqualTo(name);
    fillAs(name, 5, present(7, "row"), KEPT);
    assertThat(filling().writer()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a ", "a\n", "\u007f", "b\u00fccher", "123456789"})
  default void storeOf_noName_refused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> storeOf(name))
        .withMessageStartingWith("writer is '")
        .withMessageEndingWith("'; it must be 1 to 8 printable ASCII characters without spaces");
  }

  private void fillAs(String writer, EncodedRow row, Lifetime lifetime) {
    storeOf(writer).claim(key(), 5, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    fillAs(writer, 5, row, lifetime);
  }

  private void fillAs(String writer, long fence, EncodedRow row, Lifetime lifetime) {
    assertThat(storeOf(writer).fill(key(), fence, row, FloorRule.AT_OR_ABOVE, lifetime))
        .isEqualTo(FillAnswer.STORED);
  }

  private PublishAnswer publishAs(String writer, EncodedRow row) {
    return storeOf(writer).publish(key(), LockHandle.NO_FENCE, row, KEPT, LONG);
  }

  private Filling filling() {
    return fillingOf(store().read(key()));
  }

  private static Filling fillingOf(Slot slot) {
    if (slot instanceof Slot.Value value) {
      return value.filling();
    }
    assertThat(slot).isInstanceOf(Slot.Absent.class);
    return ((Slot.Absent) slot).filling();
  }
}
