package io.tidemark.demo.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.demo.judge.Judge.Reading;
import io.tidemark.demo.judge.Judge.Verdict;
import org.junit.jupiter.api.Test;

class JudgeTest {
  private static final long PRODUCT = 1;

  private final Judge judge = new Judge();

  @Test
  void answered_nothingIsKnown_isRight() {
    assertThat(judge.answered(judge.begin(PRODUCT), 10)).isEqualTo(Verdict.RIGHT);
  }

  @Test
  void answered_versionThatWasAcknowledged_isRight() {
    judge.acknowledged(PRODUCT, 10);

    assertThat(judge.answered(judge.begin(PRODUCT), 10)).isEqualTo(Verdict.RIGHT);
  }

  @Test
  void answered_newerThanAcknowledged_isRight() {
    judge.acknowledged(PRODUCT, 10);

    assertThat(judge.answered(judge.begin(PRODUCT), 11)).isEqualTo(Verdict.RIGHT);
  }

  @Test
  void answered_olderThanAcknowledgedBeforeItBegan_isOld() {
    judge.acknowledged(PRODUCT, 10);

    assertThat(judge.answered(judge.begin(PRODUCT), 9)).isEqualTo(Verdict.OLD);
  }

  @Test
  void answered_olderThanAcknowledgedSinceItBegan_isRight() {
    Reading reading = judge.begin(PRODUCT);
    judge.acknowledged(PRODUCT, 10);

    assertThat(judge.answered(reading, 9)).isEqualTo(Verdict.RIGHT);
  }

  @Test
  void answered_olderThanAnotherAnswerBeforeItBegan_goesBack() {
    judge.answered(judge.begin(PRODUCT), 10);

    assertThat(judge.answered(judge.begin(PRODUCT), 9)).isEqualTo(Verdict.BACK);
  }

  @Test
  void answered_olderThanAnotherAnswerSinceItBegan_isRight() {
    Reading reading = judge.begin(PRODUCT);
    judge.answered(judge.begin(PRODUCT), 10);

    assertThat(judge.answered(reading, 9)).isEqualTo(Verdict.RIGHT);
  }

  @Test
  void acknowledged_olderWriteIsHeardOfLater_changesNothing() {
    judge.acknowledged(PRODUCT, 10);
    judge.acknowledged(PRODUCT, 8);

    assertThat(judge.answered(judge.begin(PRODUCT), 9)).isEqualTo(Verdict.OLD);
  }

  @Test
  void answered_otherProduct_isJudgedForItself() {
    judge.acknowledged(PRODUCT, 10);

    assertThat(judge.answered(judge.begin(2), 1)).isEqualTo(Verdict.RIGHT);
  }
}
