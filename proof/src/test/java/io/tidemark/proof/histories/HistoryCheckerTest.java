package io.tidemark.proof.histories;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.Origin;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every rule, broken by the smallest history; and histories that nearly break it and do not. */
class HistoryCheckerTest {
  private static final String KEY = "k";
  private static final int MANY = 200_000;
  private static final int FEWER = MANY / 16;

  private final List<Operation> operations = new ArrayList<>();
  private final List<RecordedCommit> commits = new ArrayList<>();

  @Test
  void check_nothing_isRight() {
    assertHolds();
  }

  @Test
  void check_readsOfWhatWasWritten_isRight() {
    commit("a", 10);
    write("a", 0, 1);
    commit("b", 20);
    write("b", 2, 3);
    readOf("b", 20, 4, 5);
    assertHolds();
  }

  // Forward only

  @Test
  void check_laterReadOfLess_breaksForwardOnly() {
    twoUnknownWrites();
    readOf("b", 20, 2, 3);
    readOf("a", 10, 4, 5);
    assertBroken(HistoryRule.FORWARD_ONLY);
  }

  @Test
  void check_readOfLessThatOverlaps_isRight() {
    twoUnknownWrites();
    readOf("b", 20, 2, 4);
    readOf("a", 10, 3, 5);
    assertHolds();
  }

  @Test
  void check_readOfLessThatStartsAtTheOthersEnd_isRight() {
    twoUnknownWrites();
    readOf("b", 20, 2, 3);
    readOf("a", 10, 3, 4);
    assertHolds();
  }

  @Test
  void check_readOfLessAfterAnUncachedOne_isRight() {
    twoUnknownWrites();
    read(served(Origin.SOURCE_FALLBACK, false, 20, "b"), 2, 3);
    readOf("a", 10, 4, 5);
    assertHolds();
  }

  @Test
  void check_readOfLessAfterALoadThatWasNotStored_isRight() {
    twoUnknownWrites();
    read(served(Origin.SOURCE_LOCK_HOLDER, false, 20, "b"), 2, 3);
    readOf("a", 10, 4, 5);
    assertHolds();
  }

  @Test
  void check_readOfLessAfterALoadThatWasStored_breaksForwardOnly() {
    twoUnknownWrites();
    read(served(Origin.SOURCE_LOCK_HOLDER, true, 20, "b"), 2, 3);
    readOf("a", 10, 4, 5);
    assertBroken(HistoryRule.FORWARD_ONLY);
  }

  @Test
  void check_staleReadOfLess_isRight() {
    twoUnknownWrites();
    readOf("b", 20, 2, 3);
    read(served(Origin.CACHE_STALE, false, 10, "a"), 4, 5);
    assertHolds();
  }

  @Test
  void check_readOfLessThanAStaleOne_breaksForwardOnly() {
    twoUnknownWrites();
    read(served(Origin.CACHE_STALE, false, 20, "b"), 2, 3);
    readOf("a", 10, 4, 5);
    assertBroken(HistoryRule.FORWARD_ONLY);
  }

  @Test
  void check_uncachedReadOfLess_breaksForwardOnlyAndIsNotFresh() {
    twoUnknownWrites();
    readOf("b", 20, 2, 3);
    read(served(Origin.SOURCE_FALLBACK, false, 10, "a"), 4, 5);
    assertBroken(HistoryRule.FORWARD_ONLY, HistoryRule.UNCACHED_IS_FRESH);
  }

  @Test
  void check_valueAfterTheAbsenceThatCameLater_breaksForwardOnly() {
    unknownWrite("a", 10);
    unknownDeletion("d", 20);
    readOfAbsence(20, 2, 3);
    readOf("a", 10, 4, 5);
    assertBroken(HistoryRule.FORWARD_ONLY);
  }

  @Test
  void check_absenceWithoutVersionBeforeTheValue_isRight() {
    unknownWrite("a", 10);
    unknownDeletion("d", 20);
    readOfAbsence(Served.NO_VERSION, 2, 3);
    readOf("a", 10, 4, 5);
    assertHolds();
  }

  @Test
  void check_absenceAfterAValueThatWasNeverDeleted_breaksForwardOnly() {
    unknownWrite("a", 10);
    readOf("a", 10, 2, 3);
    readOfAbsence(Served.NO_VERSION, 4, 5);
    assertBroken(HistoryRule.FORWARD_ONLY);
  }

  @Test
  void check_absenceAfterAValueThatWasDeletedMeanwhile_isRight() {
    unknownWrite("a", 10);
    unknownDeletion("d", 20);
    readOf("a", 10, 2, 3);
    readOfAbsence(Served.NO_VERSION, 4, 5);
    assertHolds();
  }

  // Read your writes

  @Test
  void check_readOfLessThanAnAcknowledgedWrite_breaksReadYourWrites() {
    unknownWrite("a", 10);
    commit("b", 20);
    write("b", 2, 3);
    readOf("a", 10, 4, 5);
    assertBroken(HistoryRule.READ_YOUR_WRITES);
  }

  @Test
  void check_readOfLessDuringTheWrite_isRight() {
    unknownWrite("a", 10);
    commit("b", 20);
    write("b", 2, 5);
    readOf("a", 10, 4, 6);
    assertHolds();
  }

  @Test
  void check_readOfLessThanAWriteOfUnknownOutcome_isRight() {
    twoUnknownWrites();
    readOf("a", 10, 4, 5);
    assertHolds();
  }

  @Test
  void check_readOfLessThanAFailedWrite_isRight() {
    unknownWrite("a", 10);
    operation("b", Kind.UPDATE, 2, 3, Outcome.FAILED);
    readOf("a", 10, 4, 5);
    assertHolds();
  }

  @Test
  void check_readOfLessThanAnEarlierWriteThatReturnsLater_breaksReadYourWrites() {
    commit("a", 10);
    commit("b", 20);
    write("b", 0, 1);
    write("a", 0, 3);
    readOf("a", 10, 4, 5);
    assertBroken(HistoryRule.READ_YOUR_WRITES);
  }

  @Test
  void check_valueAfterAnAcknowledgedDeletion_breaksReadYourWrites() {
    unknownWrite("a", 10);
    commits.add(new RecordedCommit("d", KEY, 20, null));
    operation("d", Kind.PUBLISH_DELETE_UNVERSIONED, 2, 3, Outcome.OK);
    readOf("a", 10, 4, 5);
    assertBroken(HistoryRule.READ_YOUR_WRITES);
  }

  @Test
  void check_absenceAfterAnAcknowledgedWrite_breaksReadYourWrites() {
    commit("a", 10);
    write("a", 0, 1);
    readOfAbsence(Served.NO_VERSION, 2, 3);
    assertBroken(HistoryRule.READ_YOUR_WRITES);
  }

  @Test
  void check_absenceThatStartedBeforeTheWriteReturned_isRight() {
    commit("a", 10);
    write("a", 0, 2);
    readOfAbsence(Served.NO_VERSION, 1, 3);
    assertHolds();
  }

  @Test
  void check_absenceAfterAnAcknowledgedWriteWithADeletionStillToStart_breaksReadYourWrites() {
    commit("a", 10);
    write("a", 0, 1);
    readOfAbsence(Served.NO_VERSION, 2, 3);
    commits.add(new RecordedCommit("d", KEY, 20, null));
    operation("d", Kind.PUBLISH_DELETE, 4, 5, Outcome.OK);
    assertBroken(HistoryRule.READ_YOUR_WRITES);
  }

  @Test
  void check_readOfLessThanWasKnownToAnInvalidation_breaksReadYourWrites() {
    unknownWrite("a", 10);
    commit("b", 20);
    committed("b", 1, 2, Outcome.UNKNOWN);
    operation("i", Kind.INVALIDATE, 3, 4, Outcome.OK);
    readOf("a", 10, 5, 6);
    assertBroken(HistoryRule.READ_YOUR_WRITES);
  }

  @Test
  void check_readOfLessThanWasCommittedWhileAClearRan_isRight() {
    unknownWrite("a", 10);
    commit("b", 20);
    committed("b", 1, 4, Outcome.UNKNOWN);
    operations.add(
        new Operation(
            "c",
            null,
            Kind.CLEAR,
            Operation.ALL_KEYS,
            3,
            Operation.NEVER,
            5,
            Outcome.OK,
            null,
            ""));
    readOf("a", 10, 6, 7);
    assertHolds();
  }

  @Test
  void check_readOfLessThanAClearHadToRemove_breaksReadYourWrites() {
    unknownWrite("a", 10);
    commit("b", 20);
    committed("b", 1, 2, Outcome.UNKNOWN);
    operations.add(
        new Operation(
            "c",
            null,
            Kind.CLEAR,
            Operation.ALL_KEYS,
            3,
            Operation.NEVER,
            5,
            Outcome.OK,
            null,
            ""));
    readOf("a", 10, 6, 7);
    assertBroken(HistoryRule.READ_YOUR_WRITES);
  }

  @Test
  void check_readOfLessAfterAnInvalidationOfUnknownOutcome_isRight() {
    unknownWrite("a", 10);
    commit("b", 20);
    committed("b", 1, 2, Outcome.UNKNOWN);
    operation("i", Kind.INVALIDATE, 3, 4, Outcome.UNKNOWN);
    readOf("a", 10, 5, 6);
    assertHolds();
  }

  @Test
  void check_readOfLessThanADeletionFoundNothingAfter_breaksReadYourWrites() {
    unknownWrite("a", 10);
    unknownDeletion("d", 20);
    readOfAbsence(20, 2, 3);
    operation("e", Kind.UPDATE_DELETE, 4, 5, Outcome.OK);
    read(served(Origin.CACHE, false, 10, "a"), 6, 7);
    assertBroken(HistoryRule.FORWARD_ONLY, HistoryRule.READ_YOUR_WRITES);
  }

  // Committed values

  @Test
  void check_valueThatWasNeverCommitted_isNotCommitted() {
    operation("a", Kind.UPDATE, 0, 1, Outcome.FAILED);
    readOf("a", 10, 2, 3);
    assertBroken(HistoryRule.COMMITTED);
  }

  @Test
  void check_valueOfAWriteWhoseProcessWasKilled_isRightIfItWasCommitted() {
    commit("a", 10);
    operation("a", Kind.UPDATE, 0, Operation.NEVER, Outcome.UNKNOWN);
    readOf("a", 10, 2, 3);
    assertHolds();
  }

  @Test
  void check_valueBeforeItsWriteStarted_isNotCommitted() {
    commit("a", 10);
    write("a", 4, 5);
    readOf("a", 10, 2, 3);
    assertBroken(HistoryRule.COMMITTED);
  }

  @Test
  void check_staleValueThatWasNeverCommitted_isNotCommitted() {
    read(served(Origin.CACHE_STALE, false, 10, "a"), 2, 3);
    assertBroken(HistoryRule.COMMITTED);
  }

  @Test
  void check_absenceAfterTheVersionOfALastValue_isNotCommitted() {
    unknownWrite("a", 10);
    readOfAbsence(10, 2, 3);
    assertBroken(HistoryRule.COMMITTED);
  }

  @Test
  void check_absenceWithTheVersionOfTheValueBefore_isRight() {
    unknownWrite("a", 10);
    unknownDeletion("d", 20);
    readOfAbsence(10, 2, 3);
    assertHolds();
  }

  // Value and version of one row

  @Test
  void check_valueWithTheVersionOfAnother_isNotOfOneRow() {
    twoUnknownWrites();
    readOf("a", 20, 2, 3);
    assertBroken(HistoryRule.ONE_ROW);
  }

  @Test
  void check_absenceWithAVersionOfNoCommit_isNotOfOneRow() {
    unknownDeletion("d", 20);
    readOfAbsence(15, 2, 3);
    assertBroken(HistoryRule.ONE_ROW);
  }

  // Uncached values

  @Test
  void check_uncachedReadOfLessThanWasCommittedBefore_isNotFresh() {
    unknownWrite("a", 10);
    commit("b", 20);
    committed("b", 1, 2, Outcome.UNKNOWN);
    read(served(Origin.SOURCE_LOCK_HOLDER, false, 10, "a"), 3, 4);
    assertBroken(HistoryRule.UNCACHED_IS_FRESH);
  }

  @Test
  void check_uncachedReadOfLessThanWasCommittedSince_isRight() {
    unknownWrite("a", 10);
    commit("b", 20);
    committed("b", 1, 3, Outcome.UNKNOWN);
    read(served(Origin.SOURCE_LOCK_HOLDER, false, 10, "a"), 2, 4);
    assertHolds();
  }

  @Test
  void check_cachedReadOfLessThanWasCommittedBefore_isRight() {
    unknownWrite("a", 10);
    commit("b", 20);
    committed("b", 1, 2, Outcome.UNKNOWN);
    readOf("a", 10, 3, 4);
    assertHolds();
  }

  // The database

  @Test
  void check_versionThatFellWithItsCommit_breaksVersionsGrow() {
    unknownWrite("a", 20);
    unknownWrite("b", 10);
    readOf("b", 10, 2, 3);
    assertBroken(HistoryRule.VERSIONS_GROW);
  }

  @Test
  void check_versionThatStayed_breaksVersionsGrow() {
    unknownWrite("a", 10);
    unknownWrite("b", 10);
    readOf("a", 10, 2, 3);
    assertBroken(HistoryRule.VERSIONS_GROW);
  }

  // Keys

  @Test
  void check_otherKeys_haveRanksOfTheirOwn() {
    twoUnknownWrites();
    readOf("b", 20, 2, 3);
    commits.add(new RecordedCommit("x", "other", 5, "x"));
    operations.add(
        new Operation(
            "r",
            null,
            Kind.READ,
            "other",
            4,
            Operation.NEVER,
            5,
            Outcome.OK,
            served(Origin.CACHE, false, 5, "x"),
            ""));
    assertHolds();
  }

  /** Sixteen times as many take sixteen times as long; if each looked at all, 256 times. */
  @Test
  void check_manyOperations_takesTimeByTheirNumber() {
    long fewerNanos = cpuNanosOf(FEWER);
    operations.clear();
    commits.clear();
    assertThat(cpuNanosOf(MANY)).isLessThan(80 * fewerNanos);
  }

  /** The time of this thread's own work: what makes it wait does not count. */
  private long cpuNanosOf(int many) {
    for (int i = 0; i < many; i++) {
      long start = 10L * i;
      commit("v" + i, i);
      write("v" + i, start, start + 3);
      readOf("v" + i, i, start + 4, start + 9);
    }
    readOf("v0", 0, 10L * many, 10L * many + 1);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long begin = threads.getCurrentThreadCpuTime();
    List<HistoryViolation> found = HistoryChecker.check(new History(operations, commits));
    long nanos = threads.getCurrentThreadCpuTime() - begin;
    assertThat(found)
        .extracting(HistoryViolation::rule)
        .containsExactly(HistoryRule.FORWARD_ONLY, HistoryRule.READ_YOUR_WRITES);
    return nanos;
  }

  private void twoUnknownWrites() {
    unknownWrite("a", 10);
    unknownWrite("b", 20);
  }

  private void unknownWrite(String id, long version) {
    commit(id, version);
    operation(id, Kind.UPDATE, 0, Operation.NEVER, Outcome.UNKNOWN);
  }

  private void unknownDeletion(String id, long version) {
    commits.add(new RecordedCommit(id, KEY, version, null));
    operation(id, Kind.UPDATE_DELETE, 0, Operation.NEVER, Outcome.UNKNOWN);
  }

  private void commit(String id, long version) {
    commits.add(new RecordedCommit(id, KEY, version, id));
  }

  private void write(String id, long start, long end) {
    operation(id, Kind.UPDATE, start, end, Outcome.OK);
  }

  private void committed(String id, long start, long committed, Outcome outcome) {
    operations.add(
        new Operation(
            id, null, Kind.PUBLISH, KEY, start, committed, Operation.NEVER, outcome, null, ""));
  }

  private void operation(String id, Kind kind, long start, long end, Outcome outcome) {
    operations.add(
        new Operation(id, null, kind, KEY, start, Operation.NEVER, end, outcome, null, ""));
  }

  private void readOf(String payload, long version, long start, long end) {
    read(served(Origin.CACHE, false, version, payload), start, end);
  }

  private void readOfAbsence(long version, long start, long end) {
    read(new Served(Origin.CACHE, false, false, version, null), start, end);
  }

  private void read(Served served, long start, long end) {
    operations.add(
        new Operation(
            "read" + operations.size(),
            null,
            Kind.READ,
            KEY,
            start,
            Operation.NEVER,
            end,
            Outcome.OK,
            served,
            ""));
  }

  private static Served served(Origin origin, boolean isStored, long version, String payload) {
    return new Served(origin, isStored, false, version, payload);
  }

  private void assertHolds() {
    assertThat(HistoryChecker.check(new History(operations, commits))).isEmpty();
  }

  private void assertBroken(HistoryRule... rules) {
    assertThat(HistoryChecker.check(new History(operations, commits)))
        .extracting(HistoryViolation::rule)
        .containsExactly(rules);
  }
}
