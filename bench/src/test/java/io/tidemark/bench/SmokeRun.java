package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The command with {@code --smoke}. */
final class SmokeRun {
  private SmokeRun() {}

  /** Runs it to a good end, with these options, and returns what it has printed. */
  static String of(Path results, Collection<String> options) {
    List<String> arguments = new ArrayList<>(List.of("--smoke", "--results", results.toString()));
    arguments.addAll(options);
    StringWriter out = new StringWriter();
    int exitCode =
        Bench.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(out, true))
            .execute(arguments.toArray(String[]::new));
    assertThat(exitCode).as(out.toString()).isZero();
    return out.toString();
  }
}
