package io.tidemark.proof.histories;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemark.Origin;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperationLogTest {
  @TempDir private Path directory = Path.of("");
  private long before;

  @BeforeEach
  void lookAtTheClock() {
    before = System.nanoTime();
  }

  @Test
  void readAll_readOfAValue_isAsItWasRecorded() throws Exception {
    Served served = new Served(Origin.SOURCE_LOCK_HOLDER, true, false, 17, "w1.3");
    try (OperationLog log = OperationLog.create(directory, "w2")) {
      log.served(log.start(Kind.READ, "k"), served);
    }
    Operation read = onlyOperation();
    assertThat(read.id()).isEqualTo("w2.1");
    assertThat(read.kind()).isEqualTo(Kind.READ);
    assertThat(read.key()).isEqualTo("k");
    assertThat(read.outcome()).isEqualTo(Outcome.OK);
    assertThat(read.served()).isEqualTo(served);
    assertThat(read.startNanos()).isBetween(before, read.endNanos());
    assertThat(read.endNanos()).isLessThanOrEqualTo(System.nanoTime());
  }

  @Test
  void readAll_readOfAnAbsence_isAsItWasRecorded() throws Exception {
    Served served = new Served(Origin.CACHE, false, true, Served.NO_VERSION, null);
    try (OperationLog log = OperationLog.create(directory, "w2")) {
      log.served(log.start(Kind.READ, "k"), served);
    }
    assertThat(onlyOperation().served()).isEqualTo(served);
  }

  @Test
  void readAll_writeThatReturned_hasItsCommitAndOutcome() throws Exception {
    try (OperationLog log = OperationLog.create(directory, "w2")) {
      long number = log.start(Kind.UPDATE, "k");
      log.committed(number);
      log.end(number, Outcome.OK, "STORED");
    }
    Operation write = onlyOperation();
    assertThat(write.outcome()).isEqualTo(Outcome.OK);
    assertThat(write.detail()).isEqualTo("STORED");
    assertThat(write.committedNanos()).isBetween(write.startNanos(), write.endNanos());
  }

  @Test
  void readAll_callForManyKeys_isOneOperationForEach() throws Exception {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    kinds.put("x", Kind.PUBLISH);
    kinds.put("y", Kind.PUBLISH_DELETE);
    try (OperationLog log = OperationLog.create(directory, "w2")) {
      log.start(Kind.READ, "x");
      log.startAll(kinds).values().forEach(number -> log.end(number, Outcome.OK, "STORED"));
      log.startAll(kinds);
    }
    List<Operation> operations = OperationLog.readAll(directory);
    assertThat(operations)
        .extracting(Operation::id, Operation::call, Operation::kind, Operation::key)
        .containsExactlyInAnyOrder(
            tuple("w2.1", null, Kind.READ, "x"),
            tuple("w2.2", "w2:1", Kind.PUBLISH, "x"),
            tuple("w2.3", "w2:1", Kind.PUBLISH_DELETE, "y"),
            tuple("w2.4", "w2:2", Kind.PUBLISH, "x"),
            tuple("w2.5", "w2:2", Kind.PUBLISH_DELETE, "y"));
    assertThat(operations).extracting(Operation::process).containsOnly("w2");
  }

  @Test
  void readAll_operationWithoutAnEnd_isUnknown() throws Exception {
    try (OperationLog log = OperationLog.create(directory, "w2")) {
      log.committed(log.start(Kind.PUBLISH, "k"));
    }
    Operation write = onlyOperation();
    assertThat(write.outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(write.endNanos()).isEqualTo(Operation.NEVER);
    assertThat(write.committedNanos()).isGreaterThanOrEqualTo(write.startNanos());
  }

  @Test
  void readAll_logThatIsStillOpen_hasWhatWasRecorded() throws Exception {
    try (OperationLog log = OperationLog.create(directory, "w2")) {
      log.end(log.start(Kind.INVALIDATE, "k"), Outcome.FAILED, "x");
      assertThat(onlyOperation().outcome()).isEqualTo(Outcome.FAILED);
    }
  }

  @Test
  void readAll_severalProcesses_areTogether() throws Exception {
    for (String process : List.of("w1", "w2")) {
      try (OperationLog log = OperationLog.create(directory, process)) {
        log.start(Kind.CLEAR, Operation.ALL_KEYS);
      }
    }
    assertThat(OperationLog.readAll(directory))
        .extracting(Operation::id)
        .containsExactly("w1.1", "w2.1");
  }

  private Operation onlyOperation() throws Exception {
    List<Operation> operations = OperationLog.readAll(directory);
    assertThat(operations).hasSize(1);
    return operations.get(0);
  }
}
