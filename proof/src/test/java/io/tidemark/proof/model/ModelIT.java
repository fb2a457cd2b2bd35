package io.tidemark.proof.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proof.model.Tlc.Run;
import io.tidemark.proof.safeguards.Safeguard;
import io.tidemark.proof.safeguards.ServerSafeguard;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
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
 * <p>What must fail is searched twice. The second search, which the thorough build makes, is of the
 * same configuration made safe, and must find nothing: so the counterexample is the fault of what
 * was taken out, and of nothing else.
 */
class ModelIT {
  private static final String WITHOUT = "without-";

  /** The safeguards whose absence the model cannot show, each with the reason. */
  private static final Map<Safeguard, String> NOT_IN_THE_MODEL = Map.of();

  /**
   * What every build searches: all invariants, with locks that are lost and with a replica that
   * lags; and one configuration for each invariant that a design breaks that must fail. The others
   * are searched by the thorough build.
   */
  private static final List<String> FIRST =
      List.of(
          "small-flights",
          "small-replica",
          "small-failover-reads",
          "design-claims-without-versions",
          "design-lock-without-versions",
          "design-versions-without-claims",
          "design-ballot-gives-way",
          "without-drop-fallen-version",
          "without-stamp-in-scripts");

  /** The configurations of the specification of bulk loads. */
  private static final List<String> BULK =
      List.of("bulk-gives-back-first", "bulk-waits-with-full-hands");

  static List<String> small() throws IOException {
    return startingWith("small-");
  }

  static List<String> failing() throws IOException {
    return Stream.of(startingWith(WITHOUT), startingWith("design-"), startingWith("limit-"))
        .flatMap(List::stream)
        .toList();
  }

  static List<String> firstSmall() throws IOException {
    return small().stream().filter(FIRST::contains).toList();
  }

  static List<String> otherSmall() throws IOException {
    return small().stream().filter(name -> !FIRST.contains(name)).toList();
  }

  static List<String> firstFailing() throws IOException {
    return failing().stream().filter(FIRST::contains).toList();
  }

  static List<String> otherFailing() throws IOException {
    return failing().stream().filter(name -> !FIRST.contains(name)).toList();
  }

  static List<String> withoutSafeguard() throws IOException {
    return startingWith(WITHOUT);
  }

  @ParameterizedTest
  @MethodSource("firstSmall")
  void check_everySafeguardInPlace_noPromiseBroken(String configuration) throws Exception {
    assertNoPromiseBroken(configuration);
  }

  @ParameterizedTest
  @MethodSource("otherSmall")
  @Tag("thorough")
  void check_everySafeguardInPlaceInTheOthers_noPromiseBroken(String configuration)
      throws Exception {
    assertNoPromiseBroken(configuration);
  }

  @ParameterizedTest
  @MethodSource("firstFailing")
  void check_somethingTakenOut_promiseBroken(String configuration) throws Exception {
    assertPromiseBroken(configuration);
  }

  @ParameterizedTest
  @MethodSource("otherFailing")
  @Tag("thorough")
  void check_somethingTakenOutInTheOthers_promiseBroken(String configuration) throws Exception {
    assertPromiseBroken(configuration);
  }

  @ParameterizedTest
  @MethodSource("failing")
  @Tag("thorough")
  void check_putBackWhatWasTakenOut_noPromiseBroken(String configuration) throws Exception {
    String text = Configurations.text(configuration);
    String safe = Configurations.madeSafe(text);
    assertThat(safe).isNotEqualTo(text);

    Run run = check(configuration, safe);

    assertThat(run.foundNothing()).as(run.output()).isTrue();
  }

  private static void assertNoPromiseBroken(String configuration) throws Exception {
    String text = Configurations.text(configuration);
    assertThat(Configurations.madeSafe(text)).isEqualTo(text);
    assertThat(text)
        .contains("INVARIANTS TypeOK OneRow ForwardOnly ReadYourWrites NothingReadBefore");

    Run run = check(configuration, text);

    assertThat(run.foundNothing()).as(run.output()).isTrue();
    assertThat(run.distinctStates()).isGreaterThan(1_000);
  }

  private static void assertPromiseBroken(String configuration) throws Exception {
    String text = Configurations.text(configuration);

    Run run = check(configuration, text);

    assertThat(run.violatedInvariant())
        .as(run.output())
        .contains(Configurations.expectedViolation(text));
  }

  @Test
  void bulkLoads_waitWithEmptyHands_allEnd() throws Exception {
    Run run = checkBulk("bulk-gives-back-first");

    assertThat(run.foundNothing()).as(run.output()).isTrue();
    assertThat(run.distinctStates()).isGreaterThan(1_000);
  }

  @Test
  void bulkLoads_waitWithFullHands_someForEver() throws Exception {
    Run run = checkBulk("bulk-waits-with-full-hands");

    assertThat(run.foundEndlessWait()).as(run.output()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("withoutSafeguard")
  void configuration_namedAfterSafeguard_takesOutThatOneOnly(String configuration)
      throws Exception {
    String text = Configurations.text(configuration);

    assertThat(Configurations.takenOut(text)).isEqualTo('"' + safeguard(configuration) + '"');
    assertThat(Configurations.beyond(text)).isEmpty();
  }

  @Test
  void safeguards_each_hasConfigurationOrReason() throws IOException {
    List<String> covered =
        Stream.concat(
                withoutSafeguard().stream().map(ModelIT::safeguard).distinct(),
                NOT_IN_THE_MODEL.keySet().stream().map(Safeguard::label))
            .toList();

    assertThat(covered)
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    Arrays.stream(Safeguard.values()).map(Safeguard::label),
                    Arrays.stream(ServerSafeguard.values()).map(ServerSafeguard::label))
                .toList());
  }

  @Test
  void configurations_each_isOfAKindThatIsChecked() throws IOException {
    TreeSet<String> unknown = new TreeSet<>(Configurations.names());
    unknown.removeAll(small());
    unknown.removeAll(failing());
    unknown.removeAll(LargeModel.configurations());
    unknown.removeAll(BULK);

    assertThat(unknown).isEmpty();
    assertThat(Configurations.names()).containsAll(FIRST);
  }

  /** The one that a configuration is named after. Some have one for each place that needs them. */
  private static String safeguard(String configuration) {
    return configuration
        .substring(WITHOUT.length())
        .replaceFirst("-for-(ballots|claims|clear)$", "");
  }

  private static List<String> startingWith(String prefix) throws IOException {
    return Configurations.names().stream().filter(name -> name.startsWith(prefix)).toList();
  }

  private static Run check(String configuration, String text) throws Exception {
    return check(Configurations.specification(), configuration, text);
  }

  private static Run checkBulk(String configuration) throws Exception {
    return check(
        Configurations.specificationOfBulkLoads(),
        configuration,
        Configurations.text(configuration));
  }

  private static Run check(Path specification, String configuration, String text) throws Exception {
    return Tlc.check(
        specification,
        text,
        Configurations.runFolder(configuration),
        1,
        OutputStream.nullOutputStream());
  }
}
