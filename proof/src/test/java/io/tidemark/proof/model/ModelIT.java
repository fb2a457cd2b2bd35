package io.tidemark.proof.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proof.model.Tlc.Run;
import io.tidemark.proof.safeguards.Safeguard;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The model in {@code docs/spec}: it keeps its promises, and breaks one without any safeguard.
 *
 * <p>What must fail is searched twice. The second search is of the same configuration made safe,
 * and must find nothing: so the counterexample is the fault of what was taken out, and of nothing
 * else.
 */
@Tag("one-jdk")
class ModelIT {
  private static final String WITHOUT = "without-";

  /** The safeguards whose absence the model cannot show, each with the reason. */
  private static final Map<Safeguard, String> NOT_IN_THE_MODEL = Map.of();

  static List<String> small() throws IOException {
    return startingWith("small-");
  }

  static List<String> failing() throws IOException {
    return Stream.of(startingWith(WITHOUT), startingWith("design-"), startingWith("limit-"))
        .flatMap(List::stream)
        .toList();
  }

  static List<String> withoutSafeguard() throws IOException {
    return startingWith(WITHOUT);
  }

  @ParameterizedTest
  @MethodSource("small")
  void check_everySafeguardInPlace_noPromiseBroken(String configuration) throws Exception {
    String text = Configurations.text(configuration);
    assertThat(Configurations.madeSafe(text)).isEqualTo(text);
    assertThat(text)
        .contains("INVARIANTS TypeOK OneRow ForwardOnly ReadYourWrites NothingReadBefore");

    Run run = check(configuration, text);

    assertThat(run.foundNothing()).as(run.output()).isTrue();
    assertThat(run.distinctStates()).isGreaterThan(1_000);
  }

  @ParameterizedTest
  @MethodSource("failing")
  void check_somethingTakenOut_promiseBroken(String configuration) throws Exception {
    String text = Configurations.text(configuration);

    Run run = check(configuration, text);

    assertThat(run.violatedInvariant())
        .as(run.output())
        .contains(Configurations.expectedViolation(text));
  }

  @ParameterizedTest
  @MethodSource("failing")
  void check_putBackWhatWasTakenOut_noPromiseBroken(String configuration) throws Exception {
    String text = Configurations.text(configuration);
    String safe = Configurations.madeSafe(text);
    assertThat(safe).isNotEqualTo(text);

    Run run = check(configuration, safe);

    assertThat(run.foundNothing()).as(run.output()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("withoutSafeguard")
  void configuration_namedAfterSafeguard_takesOutThatOneOnly(String configuration)
      throws Exception {
    String text = Configurations.text(configuration);

    assertThat(Configurations.takenOut(text))
        .isEqualTo('"' + configuration.substring(WITHOUT.length()) + '"');
    assertThat(Configurations.beyond(text)).isEmpty();
  }

  @Test
  void safeguards_each_hasConfigurationOrReason() throws IOException {
    List<String> covered =
        Stream.concat(
                withoutSafeguard().stream().map(name -> name.substring(WITHOUT.length())),
                NOT_IN_THE_MODEL.keySet().stream().map(Safeguard::label))
            .toList();

    assertThat(covered)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Safeguard.values()).map(Safeguard::label).toList());
  }

  @Test
  void configurations_each_isOfAKindThatIsChecked() throws IOException {
    TreeSet<String> unknown = new TreeSet<>(Configurations.names());
    unknown.removeAll(small());
    unknown.removeAll(failing());
    unknown.removeAll(LargeModel.configurations());

    assertThat(unknown).isEmpty();
  }

  private static List<String> startingWith(String prefix) throws IOException {
    return Configurations.names().stream().filter(name -> name.startsWith(prefix)).toList();
  }

  private static Run check(String configuration, String text) throws Exception {
    return Tlc.check(
        Configurations.specification(),
        text,
        Configurations.runFolder(configuration),
        1,
        OutputStream.nullOutputStream());
  }
}
