package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchTest {
  private final StringWriter err = new StringWriter();
  private final StringWriter out = new StringWriter();

  @ParameterizedTest
  @CsvSource({
    "--rounds, 0, --rounds is 0; it must be 1 or more",
    "--work, rest, --work",
    "--contestant, nobody, --contestant"
  })
  void badOption_isRefusedByName(String option, String value, String message) {
    assertThat(run(option, value)).isEqualTo(2);

    assertThat(err.toString()).contains(message);
  }

  @Test
  void help_namesWhatCanBeChosen() {
    assertThat(run("--help")).isZero();

    assertThat(out.toString()).contains("TIDEMARK_REDIS", "MISSES", "--rounds=N");
  }

  private int run(String... args) {
    return Bench.commandLine()
        .setErr(new PrintWriter(err, true))
        .setOut(new PrintWriter(out, true))
        .execute(args);
  }
}
