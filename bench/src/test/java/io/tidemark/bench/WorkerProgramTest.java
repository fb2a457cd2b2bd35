package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class WorkerProgramTest {
  @Test
  void onOneLine_failureWithCauses_namesThemAll() {
    Exception failure =
        new ExecutionException(
            "a caller", new IllegalStateException("on\ntwo lines", new IOException("gone")));

    assertThat(WorkerProgram.onOneLine(failure))
        .isEqualTo(
            "java.util.concurrent.ExecutionException: a caller, because of"
                + " java.lang.IllegalStateException: on two lines, because of java.io.IOException:"
                + " gone");
  }
}
