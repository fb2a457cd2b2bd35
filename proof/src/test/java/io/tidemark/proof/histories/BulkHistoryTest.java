package io.tidemark.proof.histories;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.Origin;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What calls for many keys are held to: each key as a call of its own, and nothing between the
 * keys.
 */
class BulkHistoryTest {
  private static final List<String> KEYS = List.of("x", "y");

  private final List<Operation> operations = new ArrayList<>();
  private final List<RecordedCommit> commits = new ArrayList<>();

  /** Writes whose calls have not returned: each key's row is {@code old}, and then {@code new}. */
  private void twoUnknownWritesOfEach() {
    for (String key : KEYS) {
      commits.add(new RecordedCommit(key + "-old", key, 10, key + "-old"));
      commits.add(new RecordedCommit(key + "-new", key, 20, key + "-new"));
      for (String age : List.of("old", "new")) {
        add(null, key + "-" + age, Kind.UPDATE, key, 0, Operation.NEVER, Outcome.UNKNOWN, null);
      }
    }
  }

  @Test
  void check_readOfManyThatStepsBackInOneKey_breaksForwardOnlyOfThatKey() {
    twoUnknownWritesOfEach();
    readAll("first", "new", "new", 1, 2);
    readAll("second", "new", "old", 3, 4);
    assertThat(check())
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.rule()).isEqualTo(HistoryRule.FORWARD_ONLY);
              assertThat(violation.key()).isEqualTo("y");
              assertThat(violation.operation()).matches(read -> "second".equals(read.call()));
            });
  }

  @Test
  void check_readOfOneKeyAfterAReadOfManyThatSawMore_breaksForwardOnly() {
    twoUnknownWritesOfEach();
    readAll("many", "old", "new", 1, 2);
    read(null, "y", served("y-old", 10), 3, 4);
    assertThat(check())
        .extracting(HistoryViolation::rule)
        .containsExactly(HistoryRule.FORWARD_ONLY);
  }

  @Test
  void check_readOfManyAfterAPublicationOfMany_breaksReadYourWrites() {
    twoUnknownWritesOfEach();
    for (String key : KEYS) {
      commits.add(new RecordedCommit(key + "-published", key, 30, key + "-published"));
      add("p", key + "-published", Kind.PUBLISH, key, 1, 2, Outcome.OK, null);
    }
    readAll("many", "new", "new", 3, 4);
    assertThat(check())
        .extracting(HistoryViolation::rule)
        .containsExactly(HistoryRule.READ_YOUR_WRITES, HistoryRule.READ_YOUR_WRITES);
  }

  @Test
  void check_readOfManyAfterAnInvalidationOfMany_breaksReadYourWrites() {
    twoUnknownWritesOfEach();
    read(null, "y", past("y-new", 20), 1, 2);
    KEYS.forEach(key -> add("i", "i" + key, Kind.INVALIDATE, key, 3, 4, Outcome.OK, null));
    read("many", "y", served("y-old", 10), 5, 6);
    assertThat(check())
        .extracting(HistoryViolation::rule)
        .containsExactly(HistoryRule.READ_YOUR_WRITES);
  }

  /** Its keys are read at moments of their own, in any order. */
  @Test
  void check_readOfManyThatSawTheLaterWriteAndNotTheEarlier_isRight() {
    twoUnknownWritesOfEach();
    commits.add(new RecordedCommit("x-third", "x", 30, "x-third"));
    commits.add(new RecordedCommit("y-third", "y", 30, "y-third"));
    add(null, "x-third", Kind.UPDATE, "x", 2, 3, Outcome.OK, null);
    add(null, "y-third", Kind.UPDATE, "y", 4, 5, Outcome.OK, null);
    read("many", "x", served("x-new", 20), 1, 6);
    read("many", "y", served("y-third", 30), 1, 6);
    assertThat(check()).isEmpty();
  }

  @Test
  void check_readOfManyThatOverlapsOneThatSawMore_isRight() {
    twoUnknownWritesOfEach();
    readAll("first", "new", "new", 1, 3);
    readAll("second", "old", "old", 2, 4);
    assertThat(check()).isEmpty();
  }

  @Test
  void check_readOfManyThatFailedForOneKey_isJudgedByTheOthers() {
    twoUnknownWritesOfEach();
    readAll("first", "new", "new", 1, 2);
    add("second", "failed", Kind.READ, "x", 3, 4, Outcome.FAILED, null);
    read("second", "y", served("y-old", 10), 3, 4);
    assertThat(check()).extracting(HistoryViolation::key).containsExactly("y");
  }

  // What is counted

  @Test
  void countIn_readsOfMany_areCountedByTheirKeys() {
    read("a", "x", served("x", 1), 1, 2);
    read("a", "y", loaded(true), 1, 2);
    read("b", "y", loaded(true), 1, 2);
    read("b", "z", loaded(false), 1, 2);
    add("c", "failed", Kind.READ, "x", 1, 2, Outcome.FAILED, null);
    read("c", "y", new Served(Origin.CACHE_AFTER_WAIT, false, false, 1, "y"), 1, 2);
    assertCount(BulkFigure.READS, 3);
    assertCount(BulkFigure.KEYS_READ, 6);
    assertCount(BulkFigure.HITS, 1);
    assertCount(BulkFigure.HITS_AFTER_WAIT, 1);
    assertCount(BulkFigure.LOADED, 3);
    assertCount(BulkFigure.FILLED, 2);
    assertCount(BulkFigure.LOADED_TOGETHER, 1);
    assertCount(BulkFigure.HIT_AND_LOADED, 1);
    assertCount(BulkFigure.FAILED, 1);
    assertCount(BulkFigure.FAILED_IN_PART, 1);
    assertCount(BulkFigure.JOINED, 1);
  }

  @Test
  void countIn_loadsOfTheSameRowOneAfterTheOther_areNotJoined() {
    read("a", "y", loaded(true), 1, 2);
    read("b", "y", loaded(true), 3, 4);
    assertCount(BulkFigure.JOINED, 0);
  }

  @Test
  void countIn_writesOfMany_areCountedByTheirKeys() {
    add("a", "1", Kind.PUBLISH, "x", 1, 2, Outcome.OK, null);
    add("a", "2", Kind.PUBLISH_DELETE, "y", 1, 2, Outcome.UNKNOWN, null);
    add("b", "3", Kind.INVALIDATE, "x", 1, 2, Outcome.OK, null);
    add("b", "4", Kind.INVALIDATE, "y", 1, 2, Outcome.OK, null);
    assertCount(BulkFigure.PUBLISHES, 1);
    assertCount(BulkFigure.KEYS_PUBLISHED, 1);
    assertCount(BulkFigure.INVALIDATIONS, 1);
    assertCount(BulkFigure.KEYS_DROPPED, 2);
    assertCount(BulkFigure.READS, 0);
  }

  @ParameterizedTest
  @EnumSource
  void countIn_callsWithOneKey_areNoneForMany(BulkFigure figure) {
    read(null, "x", served("x", 1), 1, 2);
    read(null, "y", loaded(true), 1, 3);
    read(null, "y", loaded(true), 2, 4);
    add(null, "1", Kind.PUBLISH, "x", 1, 2, Outcome.OK, null);
    add(null, "2", Kind.INVALIDATE, "x", 1, 2, Outcome.OK, null);
    assertCount(figure, 0);
  }

  private void assertCount(BulkFigure figure, int expected) {
    assertThat(BulkFigure.countIn(new History(operations, commits)))
        .as(figure.toString())
        .containsEntry(figure, expected);
  }

  private void readAll(String call, String x, String y, long start, long end) {
    read(call, "x", served("x-" + x, x.equals("old") ? 10 : 20), start, end);
    read(call, "y", served("y-" + y, y.equals("old") ? 10 : 20), start, end);
  }

  private void read(@Nullable String call, String key, Served served, long start, long end) {
    add(call, "w." + operations.size(), Kind.READ, key, start, end, Outcome.OK, served);
  }

  private void add(
      @Nullable String call,
      String id,
      Kind kind,
      String key,
      long start,
      long end,
      Outcome outcome,
      @Nullable Served served) {
    operations.add(
        new Operation(id, call, kind, key, start, Operation.NEVER, end, outcome, served, ""));
  }

  private static Served served(String payload, long version) {
    return new Served(Origin.CACHE, false, false, version, payload);
  }

  /** Past the cache: it shows what is committed, and promises nobody to see that again. */
  private static Served past(String payload, long version) {
    return new Served(Origin.SOURCE_FALLBACK, false, false, version, payload);
  }

  private static Served loaded(boolean isStored) {
    return new Served(Origin.SOURCE_LOCK_HOLDER, isStored, false, 7, "loaded");
  }

  private List<HistoryViolation> check() {
    return HistoryChecker.check(new History(operations, commits));
  }
}
