package io.tidemark.bench.answers;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.bench.answers.Call.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswersTest {
  @Test
  void judged_readsAfterAnAcknowledgedWrite_areOldWhereTheyDoNotHaveIt() {
    assertThat(judged(write(1, 10, 20, 2), read(1, 21, 30, 1), read(1, 21, 30, 2)))
        .isEqualTo(new Counts(2, 1, 0, 0, 1, 0));
  }

  @Test
  void judged_readsDuringAWrite_areRightWithEither() {
    assertThat(judged(write(1, 10, 20, 2), read(1, 11, 12, 1), read(1, 13, 30, 2)))
        .isEqualTo(new Counts(2, 0, 0, 0, 1, 0));
  }

  @Test
  void judged_readThatBeganAsTheWriteEnded_hasNoOrderWithIt() {
    assertThat(judged(write(1, 10, 20, 2), read(1, 20, 30, 1)))
        .isEqualTo(new Counts(1, 0, 0, 0, 1, 0));
  }

  @Test
  void judged_olderThanAnEarlierAnswer_isAStepBack() {
    assertThat(judged(read(1, 30, 40, 1), read(1, 10, 20, 2), read(1, 15, 50, 1)))
        .isEqualTo(new Counts(3, 0, 1, 0, 0, 0));
  }

  @Test
  void judged_callsThatFailed_proveNothing() {
    assertThat(
            judged(write(1, 10, 20, Call.FAILED), read(1, 21, 30, Call.FAILED), read(1, 31, 40, 1)))
        .isEqualTo(new Counts(1, 0, 0, 1, 0, 1));
  }

  @Test
  void judged_severalItems_eachForItself() {
    Answers answers =
        new Answers(List.of(write(1, 10, 20, 2), read(2, 21, 30, 1), read(1, 21, 30, 1)), 0, 0);

    assertThat(answers.judged())
        .containsEntry(1, new Counts(1, 1, 0, 0, 1, 0))
        .containsEntry(2, new Counts(1, 0, 0, 0, 0, 0));
  }

  @Test
  void perMillion_anyCounts_leavesFailuresOutOfTheAnswers() {
    Counts counts = new Counts(1_000, 3, 2, 1_000, 0, 0);

    assertThat(counts.oldPerMillion()).isEqualTo(3_000);
    assertThat(counts.backPerMillion()).isEqualTo(2_000);
    assertThat(counts.failedPerMillion()).isEqualTo(500_000);
  }

  @Test
  void call_sentAsALine_arrivesAsItWas() {
    Call sent = read(7, -5, 10, Call.FAILED);

    assertThat(Call.of(sent.line())).isEqualTo(sent);
  }

  private static Counts judged(Call... calls) {
    return Answers.sum(new Answers(List.of(calls), 0, 0).judged());
  }

  private static Call read(int item, long start, long end, long version) {
    return new Call(Kind.READ, item, start, end, version);
  }

  private static Call write(int item, long start, long end, long version) {
    return new Call(Kind.WRITE, item, start, end, version);
  }
}
