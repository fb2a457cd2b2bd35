package io.tidemark.proof.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proof.safeguards.CoreEdits;
import io.tidemark.proof.safeguards.Design;
import io.tidemark.proof.safeguards.Edit;
import io.tidemark.proof.safeguards.PathSafeguard;
import io.tidemark.proof.safeguards.Safeguard;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Takes each safeguard out of the production code; the simulation must find a violation. */
@Tag("one-jdk")
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SafeguardsOffTest {
  private static final int SEEDS = 2_000;

  @ParameterizedTest
  @EnumSource(Safeguard.class)
  void seeds_safeguardOff_violateARule(Safeguard safeguard) throws Exception {
    assertThat(firstViolation(CoreEdits.without(safeguard), safeguard.label()))
        .isIn(expected(safeguard));
  }

  @ParameterizedTest
  @EnumSource(PathSafeguard.class)
  void seeds_detailOfThePathsOff_violateARule(PathSafeguard safeguard) throws Exception {
    assertThat(firstViolation(CoreEdits.without(safeguard), safeguard.label()))
        .isIn(expected(safeguard));
  }

  @ParameterizedTest
  @EnumSource(Design.class)
  void seeds_designExpectedToFail_violateARule(Design design) throws Exception {
    assertThat(firstViolation(CoreEdits.of(design), design.label()))
        .isIn(Rule.FORWARD_ONLY, Rule.READ_YOUR_WRITES);
  }

  private static Set<Rule> expected(Safeguard safeguard) {
    return switch (safeguard) {
      case FLIGHT_EPOCHS, FLIGHT_EPOCH_OF_READ ->
          Set.of(Rule.NOT_FROM_BEFORE_THE_CALL, Rule.READ_YOUR_WRITES, Rule.FORWARD_ONLY);
      case DROP_FALLEN_VERSION -> Set.of(Rule.FORWARD_ONLY);
      default -> Set.of(Rule.FORWARD_ONLY, Rule.READ_YOUR_WRITES);
    };
  }

  private static Set<Rule> expected(PathSafeguard safeguard) {
    return switch (safeguard) {
      case KEEP_WHILE_REPLICA_LAGS -> Set.of(Rule.FORWARD_ONLY, Rule.READ_YOUR_WRITES);
      case REPAIR_UNKNOWN -> Set.of(Rule.REPAIRED);
      case DROP_AFTER_FAILED_WRITE -> Set.of(Rule.READ_YOUR_WRITES, Rule.REPAIRED);
      case REFRESH_EPOCH -> Set.of(Rule.NOT_FROM_BEFORE_THE_CALL);
      case HIT_EPOCH -> Set.of(Rule.NOT_FROM_BEFORE_THE_CALL, Rule.READ_YOUR_WRITES);
      case DEADLINE_OF_CALLER -> Set.of(Rule.ENDS_IN_TIME);
      case RELEASE -> Set.of(Rule.NEWEST_AT_THE_END);
    };
  }

  private static Rule firstViolation(List<Edit> edits, String label) throws Exception {
    assertThat(edits).isNotEmpty();
    try (EditedCore core = EditedCore.with(edits, label)) {
      for (long seed = 0; seed < SEEDS; seed++) {
        String violation = core.run(seed);
        if (!violation.isEmpty()) {
          System.out.printf("without %s: seed %d, %s%n", label, seed, violation);
          return Rule.valueOf(violation.substring(0, violation.indexOf(':')));
        }
      }
    }
    throw new AssertionError("nothing was violated without " + label + " in " + SEEDS + " seeds");
  }
}
