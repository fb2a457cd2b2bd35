package io.tidemark.proof.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proof.model.Tlc.Run;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The model with millions of states. Takes minutes, so no build runs it unasked: its name is not
 * one that the build looks for. {@code docs/spec/README.md} has the command.
 */
class LargeModel {
  private static final int WORKERS = 2;

  static List<String> configurations() throws IOException {
    return Configurations.names().stream().filter(name -> name.startsWith("large")).toList();
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void check_everySafeguardInPlace_noPromiseBroken(String configuration) throws Exception {
    String text = Configurations.text(configuration);
    assertThat(Configurations.madeSafe(text)).isEqualTo(text);

    Run run =
        Tlc.check(
            Configurations.specification(),
            text,
            Configurations.runFolder(configuration),
            WORKERS,
            System.out);

    assertThat(run.foundNothing()).as(run.output()).isTrue();
  }
}
