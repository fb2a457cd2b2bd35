package io.tidemark.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Slot.Freshness;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Version;
import java.time.Duration;

/**
 * The hooks of {@link SlotStoreContract}, and the words its tests are written in: {@code given...}
 * brings the test's slot into a state by the store's own verbs, and the verbs are here without the
 * arguments that a test does not care about.
 */
interface SlotStoreFixture {
  /** A life that no test outlives. */
  Duration LONG = Duration.ofHours(1);

  /** A life that a test waits out. */
  Duration SHORT = Duration.ofMillis(20);

  /** For a fresh entry. */
  Lifetime KEPT = new Lifetime(LONG, Duration.ZERO);

  /** For an entry that is expired after {@link #SHORT}, and kept. */
  Lifetime SOON_EXPIRED = new Lifetime(SHORT, LONG);

  /** For an entry that is gone after {@link #SHORT}. */
  Lifetime SOON_GONE = new Lifetime(SHORT, Duration.ZERO);

  SlotStore store();

  SlotStore storeOf(String writer);

  void elapse(Duration time);

  void damage(SlotKey key);

  void evict(SlotKey key);

  void beginLineage();

  int rounds();

  /** The slot of this test. */
  SlotKey key();

  /** What the slot of this test holds, whoever wrote it. */
  default Slot slot() {
    return slotOf(key());
  }

  /** The claim or floor that the slot must hold, with its ends. */
  default Slot.Pending pendingSlot() {
    Slot slot = store().read(key());
    assertThat(slot).isInstanceOf(Slot.Pending.class);
    return (Slot.Pending) slot;
  }

  /** What a slot holds, whoever wrote it. */
  default Slot slotOf(SlotKey key) {
    return store().read(key).bare();
  }

  default ClaimAnswer claim(long fence) {
    return bare(store().claim(key(), fence, ClaimMode.UNLESS_PRESENT, LONG, LONG));
  }

  /** A claim by a ballot. */
  default ClaimAnswer claimIfFree(long ballot) {
    return bare(store().claim(key(), ballot, ClaimMode.IF_FREE, LONG, LONG));
  }

  private static ClaimAnswer bare(ClaimAnswer answer) {
    return answer instanceof ClaimAnswer.Hit hit
        ? new ClaimAnswer.Hit(hit.slot().bare())
        : answer instanceof ClaimAnswer.Lost lost
            ? lostTo(lost.claim().fence(), lost.claim().floor())
            : answer;
  }

  default ClaimAnswer claimAlways(long fence) {
    return store().claim(key(), fence, ClaimMode.ALWAYS, LONG, LONG);
  }

  /** A fill with a row read where writers commit. */
  default FillAnswer fill(long fence, EncodedRow row) {
    return store().fill(key(), fence, row, FloorRule.AT_OR_ABOVE, KEPT);
  }

  /** A fill with a row read from a replica. */
  default FillAnswer fillFromReplica(long fence, EncodedRow row) {
    return store().fill(key(), fence, row, FloorRule.ABOVE, KEPT);
  }

  /** A publish by a writer without a claim. */
  default PublishAnswer publish(EncodedRow row) {
    return publish(LockHandle.NO_FENCE, row);
  }

  default PublishAnswer publish(long fence, EncodedRow row) {
    return store().publish(key(), fence, row, KEPT, LONG);
  }

  default RefreshAnswer refresh(EncodedRow row) {
    return store().refresh(key(), row, KEPT, LONG);
  }

  default void givenFloor(long floor) {
    publish(present(floor, "unseen"));
    assertThat(slot()).isEqualTo(floorOnly(floor));
  }

  default void givenClaim(long fence) {
    claim(fence);
    assertThat(slot()).isEqualTo(pending(fence, Version.NONE));
  }

  default void givenClaim(long fence, long floor) {
    givenFloor(floor);
    claim(fence);
    assertThat(slot()).isEqualTo(pending(fence, floor));
  }

  default void givenValue(long version, String payload) {
    givenEntry(present(version, payload), KEPT);
    assertThat(slot()).isEqualTo(value(version, payload));
  }

  default void givenExpiredValue(long version, String payload) {
    givenEntry(present(version, payload), SOON_EXPIRED);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(expiredValue(version, payload));
  }

  /** An absence that knows no version. */
  default void givenAbsence() {
    givenEntry(absent(), KEPT);
    assertThat(slot()).isEqualTo(absence(Version.NONE));
  }

  /** A claim that is there, and a floor that has ended since it was given it. */
  default void givenClaimOverEndedFloor(long fence, long floor) {
    givenValue(floor, "hidden");
    store().claim(key(), fence, ClaimMode.ALWAYS, LONG, SHORT);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(pending(fence, floor));
  }

  /** A claim that has ended, and a floor that has not. */
  default void givenEndedClaimOverFloor(long fence, long floor) {
    givenValue(floor, "hidden");
    store().claim(key(), fence, ClaimMode.ALWAYS, SHORT, LONG);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(floorOnly(floor));
  }

  default void givenAbsence(long floor) {
    givenEntry(absent(floor), KEPT);
    assertThat(slot()).isEqualTo(absence(floor));
  }

  default void givenExpiredAbsence(long floor) {
    givenEntry(absent(floor), SOON_EXPIRED);
    elapse(SHORT);
    assertThat(slot()).isEqualTo(expiredAbsence(floor));
  }

  default void givenDamage() {
    damage(key());
    assertThat(slot()).isEqualTo(new Slot.Damaged());
  }

  default void givenEntry(EncodedRow row, Lifetime lifetime) {
    claim(1);
    store().fill(key(), 1, row, FloorRule.AT_OR_ABOVE, lifetime);
  }

  static EncodedRow present(long version, String payload) {
    return new EncodedRow.Present(version, bytes(payload));
  }

  static EncodedRow absent() {
    return new EncodedRow.Absent(Version.NONE);
  }

  static EncodedRow absent(long version) {
    return new EncodedRow.Absent(version);
  }

  static Slot empty() {
    return new Slot.Empty();
  }

  static Slot pending(long fence, long floor) {
    return new Slot.Pending(fence, floor);
  }

  static ClaimAnswer lostTo(long fence, long floor) {
    return new ClaimAnswer.Lost(new Slot.Pending(fence, floor));
  }

  static Slot floorOnly(long floor) {
    return new Slot.Pending(LockHandle.NO_FENCE, floor);
  }

  static Slot value(long version, String payload) {
    return new Slot.Value(version, bytes(payload), Freshness.FRESH);
  }

  static Slot expiredValue(long version, String payload) {
    return new Slot.Value(version, bytes(payload), Freshness.EXPIRED);
  }

  static Slot absence(long floor) {
    return new Slot.Absent(floor, Freshness.FRESH);
  }

  static Slot expiredAbsence(long floor) {
    return new Slot.Absent(floor, Freshness.EXPIRED);
  }

  static Payload bytes(String text) {
    return Payload.wrap(text.getBytes(UTF_8));
  }
}
