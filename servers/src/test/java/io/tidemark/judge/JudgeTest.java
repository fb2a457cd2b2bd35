package io.tidemark.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.judge.Judge.Reading;
import io.tidemark.judge.Judge.Verdict;
import org.junit.jupiter.api.Test;

class JudgeTest {
  private static final long KEY = 1;

  private final Judge judge = new Judge();

  @Test
  void answered_nothingIsKnown_isRight() {
    assertThat(judge.answered(judge.begin(KEY), 10)).isEqualTo(Verdict.RIGHT);
  }

  @Test
  void answered_versionThatWasAcknowledged_isRight() {
    judge.acknowledged(KEY, 10);

    assertThat(judge.answered(judge.begin(KEY), 10)).isEqualTo(Verdict.RIGHT);
  }

  @Test
  void answered_newerThanAcknowledged_isRight() {
    judge.acknowledged(KEY, 10);

    assertThat(judge.answered(judge.begin(KEY), 11)).isEqualTo(Verdict.RIGHT);
  }

  @Test
  void answered_olderThanAcknowledgedBeforeItBegan_isOld() {
    judge.acknowledged(KEY, 10);

    assertThat(judge.answered(judge.begin(KEY), 9)).isEqualTo(Verdict.OLD);
  }

  @Test
  void answered_olderThanAcknowledgedSinceItBegan_isRight() {
    Reading reading = judge.begin(KEY);
    judge.acknowledged(KEY, 10);

    assertThat(judge.answered(reading, 9)).isEqualTo(Verdict.RIGHT);
  }

  @Test
  void answered_olderThanAnotherAnswerBeforeItBegan_goesBack() {
    judge.answered(judge.begin(KEY), 10);

    assertThat(judge.answered(judge.begin(KEY), 9)).isEqualTo(Verdict.BACK);
  }

  @Test
  void answered_olderThanAnotherAnswerSinceItBegan_isRight() {
    Reading reading = judge.begin(KEY);
    judge.answered(judge.begin(KEY), 10);

    assertThat(judge.answered(reading, 9)).isEqualTo(Verdict.RIGHT);
  }

  @Test
  void acknowledged_olderWriteIsHeardOfLater_changesNothing() {
    judge.acknowledged(KEY, 10);
    judge.acknowledged(KEY, 8);

    assertThat(judge.answered(judge.begin(KEY), 9)).isEqualTo(Verdict.OLD);
  }

  @Test
  void answered_otherKey_isJudgedForItself() {
    judge.acknowledged(KEY, 10);

    assertThat(judge.answered(judge.begin(2), 1)).isEqualTo(Verdict.RIGHT);
  }
}
