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

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Drop;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Fill;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Publish;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Refresh;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The verbs of {@link io.tidemark.spi.SlotStore} for many slots. */
interface BulkContract extends SlotStoreFixture {
  /** More than a store is likely to send in one piece. */
  int MANY = 2_500;

  /** Another slot of this test. */
  default SlotKey key(int number) {
    return new SlotKey(key().cache(), key().key() + "-" + number);
  }

  default List<SlotKey> keys(int count) {
    return IntStream.range(0, count).mapToObj(this::key).toList();
  }

  static <T> List<T> answers(List<Reply<T>> replies) {
    return replies.stream().map(Reply::get).toList();
  }

  @Test
  default void readAll_everyState_inTheOrderOfTheKeys() {
    store().publish(key(0), LockHandle.NO_FENCE, present(7, "seen"), KEPT, LONG);
    store().claim(key(1), 5, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    fill(key(2), present(8, "eight"));
    fill(key(3), absent(9));
    damage(key(4));
    List<SlotKey> keys = List.of(key(5), key(4), key(3), key(2), key(1), key(0), key(3));
    assertThat(answers(store().readAll(keys)))
        .extracting(Slot::bare)
        .containsExactly(
            empty(),
            new Slot.Damaged(),
            absence(9),
            value(8, "eight"),
            pending(5, Version.NONE),
            floorOnly(7),
            absence(9));
  }

  private void fill(SlotKey key, EncodedRow row) {
    store().claim(key, 1, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    store().fill(key, 1, row, FloorRule.AT_OR_ABOVE, KEPT);
  }

  @Test
  default void verbsForMany_nothingAsked_nothingAnswered() {
    assertThat(store().readAll(List.of())).isEmpty();
    assertThat(store().claimAll(List.of(), -1, ClaimMode.IF_FREE, LONG, LONG)).isEmpty();
    assertThat(store().renewAll(List.of(), -1, LONG)).isEmpty();
    assertThat(store().abandonAll(List.of(), -1)).isEmpty();
    assertThat(store().fillAll(List.of())).isEmpty();
    assertThat(store().publishAll(List.of())).isEmpty();
    assertThat(store().refreshAll(List.of())).isEmpty();
    assertThat(store().dropAll(List.of())).isEmpty();
  }

  @Test
  default void claimAll_someTaken_eachItsAnswer() {
    store().claim(key(1), 5, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    fill(key(2), present(8, "eight"));
    store().publish(key(3), LockHandle.NO_FENCE, present(7, "seen"), KEPT, LONG);
    assertThat(answers(store().claimAll(keys(4), -6, ClaimMode.IF_FREE, LONG, LONG)))
        .map(
            answer ->
                answer instanceof ClaimAnswer.Hit hit
                    ? new ClaimAnswer.Hit(hit.slot().bare())
                    : answer instanceof ClaimAnswer.Lost lost
                        ? lostTo(lost.claim().fence(), lost.claim().floor())
                        : answer)
        .containsExactly(
            new ClaimAnswer.Claimed(Version.NONE),
            lostTo(5, Version.NONE),
            new ClaimAnswer.Hit(value(8, "eight")),
            new ClaimAnswer.Claimed(7));
    assertThat(slotOf(key(0))).isEqualTo(pending(-6, Version.NONE));
    assertThat(slotOf(key(3))).isEqualTo(pending(-6, 7));
  }

  @Test
  default void fillAll_someClaimed_eachItsAnswer() {
    store().claimAll(keys(2), -6, ClaimMode.IF_FREE, LONG, LONG);
    List<Fill> fills =
        List.of(
            new Fill(key(2), -6, present(3, "three"), FloorRule.AT_OR_ABOVE, KEPT),
            new Fill(key(0), -6, present(1, "one"), FloorRule.AT_OR_ABOVE, KEPT),
            new Fill(key(1), -7, present(2, "two"), FloorRule.AT_OR_ABOVE, KEPT));
    assertThat(answers(store().fillAll(fills)))
        .containsExactly(FillAnswer.REFUSED, FillAnswer.STORED, FillAnswer.REFUSED);
    assertThat(slotOf(key(0))).isEqualTo(value(1, "one"));
    assertThat(slotOf(key(1))).isEqualTo(pending(-6, Version.NONE));
    assertThat(slotOf(key(2))).isEqualTo(empty());
  }

  @Test
  default void refreshAll_everyState_eachItsAnswer() {
    fill(key(0), present(1, "one"));
    fill(key(1), present(3, "three"));
    fill(key(2), present(2, "tied"));
    List<Refresh> refreshes =
        IntStream.range(0, 4)
            .mapToObj(i -> new Refresh(key(i), present(2, "two"), KEPT, LONG))
            .toList();
    assertThat(answers(store().refreshAll(refreshes)))
        .containsExactly(
            RefreshAnswer.STORED,
            RefreshAnswer.SUPERSEDED,
            RefreshAnswer.DROPPED,
            RefreshAnswer.REFUSED);
    assertThat(slotOf(key(0))).isEqualTo(value(2, "two"));
    assertThat(slotOf(key(1))).isEqualTo(value(3, "three"));
    assertThat(slotOf(key(2))).isEqualTo(floorOnly(2));
    assertThat(slotOf(key(3))).isEqualTo(empty());
  }

  @Test
  default void renewAllAndAbandonAll_someOwn_eachItsAnswer() {
    store().claim(key(0), -6, ClaimMode.IF_FREE, LONG, LONG);
    store().claim(key(1), -7, ClaimMode.IF_FREE, LONG, LONG);
    assertThat(answers(store().renewAll(keys(3), -6, LONG))).containsExactly(true, false, false);
    assertThat(answers(store().abandonAll(keys(3), -6))).containsExactly(true, false, false);
    assertThat(slotOf(key(0))).isEqualTo(empty());
    assertThat(slotOf(key(1))).isEqualTo(pending(-7, Version.NONE));
  }

  @Test
  default void publishAllAndDropAll_everyState_eachItsAnswer() {
    fill(key(0), present(5, "five"));
    fill(key(1), present(9, "nine"));
    List<Publish> publishes =
        IntStream.range(0, 3)
            .mapToObj(
                i -> new Publish(key(i), LockHandle.NO_FENCE, present(7, "seven"), KEPT, LONG))
            .toList();
    assertThat(answers(store().publishAll(publishes)))
        .containsExactly(PublishAnswer.STORED, PublishAnswer.SUPERSEDED, PublishAnswer.DROPPED);
    List<Drop> drops =
        IntStream.range(0, 3).mapToObj(i -> new Drop(key(i), Version.NONE + i * 8L, LONG)).toList();
    assertThat(answers(store().dropAll(drops)))
        .containsExactly(PublishAnswer.DROPPED, PublishAnswer.SUPERSEDED, PublishAnswer.DROPPED);
    assertThat(slotOf(key(0))).isEqualTo(floorOnly(7));
    assertThat(slotOf(key(1))).isEqualTo(value(9, "nine"));
    assertThat(slotOf(key(2))).isEqualTo(floorOnly(15));
  }

  @Test
  default void publishAll_badRequestAmongOthers_failsForItself() {
    List<Reply<PublishAnswer>> replies =
        store()
            .publishAll(
                List.of(
                    new Publish(key(0), 0, present(1, "one"), KEPT, LONG),
                    new Publish(key(1), 0, present(2, "two"), KEPT, Duration.ofNanos(-1)),
                    new Publish(key(2), 0, present(3, "three"), KEPT, LONG)));
    assertThat(replies.get(0)).isEqualTo(new Reply.Answered<>(PublishAnswer.DROPPED));
    assertThat(replies.get(1))
        .isInstanceOfSatisfying(
            Reply.Failed.class,
            failed -> assertThat(failed.failure()).isInstanceOf(IllegalArgumentException.class));
    assertThat(replies.get(2)).isEqualTo(new Reply.Answered<>(PublishAnswer.DROPPED));
    assertThat(slotOf(key(1))).isEqualTo(empty());
  }

  @Test
  default void verbsForMany_thousandsOfKeys_allAnswered() {
    List<SlotKey> keys = keys(MANY);
    assertThat(answers(store().claimAll(keys, -6, ClaimMode.IF_FREE, LONG, LONG)))
        .hasSize(MANY)
        .containsOnly(new ClaimAnswer.Claimed(Version.NONE));
    assertThat(
            answers(
                store()
                    .fillAll(
                        IntStream.range(0, MANY)
                            .mapToObj(
                                i ->
                                    new Fill(
                                        key(i),
                                        -6,
                                        present(i, "row " + i),
                                        FloorRule.AT_OR_ABOVE,
                                        KEPT))
                            .toList())))
        .hasSize(MANY)
        .containsOnly(FillAnswer.STORED);
    assertThat(answers(store().readAll(keys)))
        .extracting(Slot::bare)
        .containsExactlyElementsOf(
            IntStream.range(0, MANY).mapToObj(i -> value(i, "row " + i)).toList());
  }
}
