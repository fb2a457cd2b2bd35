package io.tidemark.proof.histories;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tidemark.BulkSource;
import io.tidemark.Origin;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.VersionedCache;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.proof.histories.BulkOperations.Wait;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a worker records of the calls for many keys that need no database. */
class BulkOperationsTest {
  private static final String BROKEN = "broken";

  @TempDir private Path directory = Path.of("");

  @ParameterizedTest
  @EnumSource
  void readAll_oneKeyFails_isRecordedForThatKeyAlone(Wait wait) throws Exception {
    run(operations -> assertThat(operations.readAll(keys(), wait)).startsWith("FAILED {broken="));
    Map<String, Operation> recorded = recorded();
    assertThat(recorded).containsOnlyKeys("a", BROKEN, "c");
    assertThat(recorded.get(BROKEN))
        .extracting(Operation::outcome, Operation::detail)
        .containsExactly(Outcome.FAILED, "LoadFailedException:SQLException");
    assertThat(recorded.get("a"))
        .extracting(Operation::outcome, Operation::served)
        .containsExactly(
            Outcome.OK, new Served(Origin.SOURCE_LOCK_HOLDER, true, false, 1, "row-a"));
    assertThat(recorded.values()).allMatch(operation -> operation.kind() == Kind.READ);
  }

  @ParameterizedTest
  @EnumSource
  void readAll_eachKey_isRecordedFromBeforeTheCallUntilAfterIt(Wait wait) throws Exception {
    long[] called = new long[2];
    run(
        operations -> {
          called[0] = System.nanoTime();
          operations.readAll(keys(), wait);
          called[1] = System.nanoTime();
        });
    long lastStart = recorded().values().stream().mapToLong(Operation::startNanos).max().orElse(0);
    assertThat(recorded().values())
        .allSatisfy(
            operation -> {
              assertThat(operation.startNanos()).isGreaterThanOrEqualTo(called[0]);
              assertThat(operation.endNanos()).isBetween(lastStart, called[1]);
              assertThat(operation.call()).isEqualTo("w1:1");
            });
  }

  @Test
  void readAll_noKeyFails_isOk() throws Exception {
    run(
        operations ->
            assertThat(operations.readAll(List.of("a", "c"), Wait.FUTURE)).isEqualTo("OK"));
  }

  @Test
  void invalidateAll_eachKey_isRecordedAsAnInvalidation() throws Exception {
    run(operations -> operations.invalidateAll(List.of("a", "c")));
    assertThat(recorded().values())
        .hasSize(2)
        .allSatisfy(
            operation -> {
              assertThat(operation.kind()).isEqualTo(Kind.INVALIDATE);
              assertThat(operation.outcome()).isEqualTo(Outcome.OK);
              assertThat(operation.detail()).isEqualTo("DROPPED");
            });
  }

  private static List<String> keys() {
    return List.of("a", BROKEN, "c");
  }

  /** What a test does. */
  private interface Load {
    void run(BulkOperations operations) throws Exception;
  }

  private void run(Load load) throws Exception {
    try (OperationLog log = OperationLog.create(directory, "w1");
        VersionedCache<String, String> cache =
            VersionedCache.<String, String>builder("test")
                .source(source())
                .store(InMemoryStore.create())
                .locks(LocalLocks.create())
                .codec(new WorkerProgram.Utf8())
                .build()) {
      load.run(new BulkOperations(cache, new ItemTable(new HikariDataSource()), log, new Holds()));
    }
  }

  private static BulkSource<String, String> source() {
    Source<String, String> one =
        key -> {
          if (key.equals(BROKEN)) {
            throw new SQLException("the row is broken");
          }
          return Row.present("row-" + key, 1);
        };
    return BulkSource.of(
        one,
        keys -> {
          Map<String, Row<String>> rows = new TreeMap<>();
          for (String key : keys) {
            rows.put(key, one.load(key));
          }
          return rows;
        });
  }

  private Map<String, Operation> recorded() throws Exception {
    Map<String, Operation> byKey = new TreeMap<>();
    OperationLog.readAll(directory).forEach(operation -> byKey.put(operation.key(), operation));
    return byKey;
  }
}
