package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.demo.acts.JudgedCalls.Counts;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Each verdict says no to what must not happen. */
class VerdictsTest {
  private static final Side LOCK_AND_SET = Side.rival("lock and SET", "lock-and-set");
  private static final Counts GOOD = new Counts(500, 40, 0, 0, 0, 0);
  private static final Counts OLD = new Counts(500, 40, 0, 1, 0, 0);
  private static final Counts BACK = new Counts(500, 40, 0, 0, 1, 0);
  private static final Counts FAILED = new Counts(500, 40, 1, 0, 0, 0);

  @Test
  void rivals_tidemarkRightAndTheRivalWrong_pass() {
    assertPasses(notes -> rivals(notes, GOOD, OLD));
    assertPasses(notes -> rivals(notes, FAILED, BACK));
  }

  @Test
  void rivals_anAnswerOfTidemarkWrong_fail() {
    assertFails(notes -> rivals(notes, OLD, OLD), "1 answers of Tidemark were wrong");
    assertFails(notes -> rivals(notes, BACK, OLD), "1 answers of Tidemark were wrong");
  }

  @Test
  void rivals_nothingCompared_fail() {
    assertFails(notes -> rivals(notes, GOOD, GOOD), "so the comparison shows nothing");
    assertFails(notes -> rivals(notes, new Counts(0, 0, 9, 0, 0, 0), OLD), "no read of Tidemark");
  }

  @Test
  void rollingRestart_everyProcessReplacedWithoutAFailure_passes() {
    assertPasses(notes -> RollingRestartAct.expect(notes, GOOD, 4, 4));
  }

  @Test
  void rollingRestart_aFailureOrAWrongAnswerOrAProcessKept_fails() {
    assertFails(notes -> RollingRestartAct.expect(notes, FAILED, 4, 4), "1 calls failed");
    assertFails(notes -> RollingRestartAct.expect(notes, OLD, 4, 4), "1 answers were wrong");
    assertFails(notes -> RollingRestartAct.expect(notes, BACK, 4, 4), "1 answers were wrong");
    assertFails(notes -> RollingRestartAct.expect(notes, GOOD, 3, 4), "3 of 4 processes");
  }

  @Test
  void redisRestart_failuresAlone_pass() {
    assertPasses(notes -> RedisRestartAct.expect(notes, FAILED, 200));
  }

  @Test
  void redisRestart_aWrongAnswerOrNoneAfterwards_fails() {
    assertFails(notes -> RedisRestartAct.expect(notes, OLD, 200), "1 answers were wrong");
    assertFails(notes -> RedisRestartAct.expect(notes, BACK, 200), "1 answers were wrong");
    assertFails(notes -> RedisRestartAct.expect(notes, GOOD, 0), "no read was answered");
  }

  @Test
  void databaseOutage_expiredValuesThenRows_passes() {
    assertPasses(notes -> DatabaseOutageAct.expect(notes, FAILED, 40, 1));
  }

  @Test
  void databaseOutage_noExpiredValuesOrAWrongAnswerOrNoLoadAfterwards_fails() {
    assertFails(notes -> DatabaseOutageAct.expect(notes, GOOD, 39, 1), "39 reads were answered");
    assertFails(notes -> DatabaseOutageAct.expect(notes, OLD, 40, 1), "1 answers were wrong");
    assertFails(notes -> DatabaseOutageAct.expect(notes, BACK, 40, 1), "1 answers were wrong");
    assertFails(notes -> DatabaseOutageAct.expect(notes, GOOD, 40, 0), "was not read");
  }

  @Test
  void leader_anotherLedAndLoadsWentOn_passes() {
    assertPasses(notes -> LeaderAct.expect(notes, FAILED, "zookeeper-1", "zookeeper-3", 30));
  }

  @Test
  void leader_noOtherOrNoLoadsOrAWrongAnswer_fails() {
    assertFails(
        notes -> LeaderAct.expect(notes, GOOD, "zookeeper-1", "zookeeper-1", 30), "led before");
    assertFails(
        notes -> LeaderAct.expect(notes, GOOD, "zookeeper-1", "zookeeper-3", 29), "only 29");
    assertFails(
        notes -> LeaderAct.expect(notes, OLD, "zookeeper-1", "zookeeper-3", 30), "were wrong");
  }

  @Test
  void failover_aStepBackOrMoreLoadsThanFailures_fails() {
    assertPasses(notes -> FailoverAct.expect(notes, FAILED, JudgedLoad.PRODUCTS + 1));
    assertFails(notes -> FailoverAct.expect(notes, OLD, 1), "1 reads stepped back");
    assertFails(
        notes -> FailoverAct.expect(notes, GOOD, JudgedLoad.PRODUCTS + 1), "were loaded 31 times");
  }

  private static void rivals(Notes notes, Counts tidemark, Counts rival) {
    RivalsAct.expect(notes, Map.of(Side.TIDEMARK, tidemark, LOCK_AND_SET, rival));
  }

  private static void assertPasses(Consumer<Notes> verdict) {
    assertThat(result(verdict).passed()).isTrue();
  }

  private static void assertFails(Consumer<Notes> verdict, String reason) {
    ActResult result = result(verdict);

    assertThat(result.passed()).isFalse();
    assertThat(result.verdict()).contains(reason);
  }

  private static ActResult result(Consumer<Notes> verdict) {
    Notes notes = new Notes();
    verdict.accept(notes);
    return notes.result(1, new StampedeAct());
  }
}
