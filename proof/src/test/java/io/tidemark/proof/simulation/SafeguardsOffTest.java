package io.tidemark.proof.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proof.safeguards.BulkSafeguard;
import io.tidemark.proof.safeguards.CoreEdits;
import io.tidemark.proof.safeguards.Design;
import io.tidemark.proof.safeguards.Edit;
import io.tidemark.proof.safeguards.EditedCopies;
import io.tidemark.proof.safeguards.PathSafeguard;
import io.tidemark.proof.safeguards.Safeguard;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Takes each safeguard out of the production code; the simulation must find a violation.
 *
 * <p>The seed that finds it first is written down here, and looked at first. Another order of the
 * same steps gives every seed another run, so that the one written down may find nothing any more:
 * then all seeds are searched, and the new one is printed. {@code
 * -Dtidemark.simulation.search=true} searches at once.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("longer")
final class SafeguardsOffTest {
  private static final int SEEDS = 10_000;
  private static final boolean SEARCH = Boolean.getBoolean("tidemark.simulation.search");
  private static final EditedCopies COPIES = new EditedCopies();

  @AfterAll
  static void closeCompiler() throws IOException {
    COPIES.close();
  }

  @ParameterizedTest
  @EnumSource(Safeguard.class)
  void seeds_safeguardOff_violateARule(Safeguard safeguard) throws Exception {
    assertThat(firstViolation(CoreEdits.without(safeguard), safeguard.label(), seed(safeguard)))
        .isIn(expected(safeguard));
  }

  @ParameterizedTest
  @EnumSource(PathSafeguard.class)
  void seeds_detailOfThePathsOff_violateARule(PathSafeguard safeguard) throws Exception {
    assertThat(firstViolation(CoreEdits.without(safeguard), safeguard.label(), seed(safeguard)))
        .isIn(expected(safeguard));
  }

  @ParameterizedTest
  @EnumSource(BulkSafeguard.class)
  void seeds_safeguardOfManyKeysOff_violateARule(BulkSafeguard safeguard) throws Exception {
    assertThat(firstViolation(CoreEdits.without(safeguard), safeguard.label(), seed(safeguard)))
        .isIn(expected(safeguard));
  }

  @ParameterizedTest
  @EnumSource(Design.class)
  void seeds_designExpectedToFail_violateARule(Design design) throws Exception {
    assertThat(firstViolation(CoreEdits.of(design), design.label(), 0))
        .isIn(SimulationRule.FORWARD_ONLY, SimulationRule.READ_YOUR_WRITES);
  }

  private static long seed(Safeguard safeguard) {
    return switch (safeguard) {
      case CLAIM_ON_EMPTY, RENEW_OWN_CLAIM -> 0;
      case COMPARE_VERSIONS, FLOOR -> 2;
      case FLIGHT_EPOCHS, FLIGHT_EPOCH_OF_READ -> 3;
      case DROP_ON_TIE_NOT_KEEP, DROP_ABSENT, DROP_ON_TIE_NOT_REPLACE -> 5;
      case BEHIND_ON_ABSENCE, REPEAT_AFTER_LOST_REPLY, BEHIND_ON_TIE -> 7;
      case OWN_CLAIM -> 12;
      case BREAK_OTHER_CLAIM -> 17;
      case CLEAR_BREAKS_CLAIMS -> 35;
      case BREAK_OTHER_CLAIM_AS_LOCKED_WRITER -> 63;
      case FENCE_PER_ATTEMPT -> 73;
      case CLAIM_ON_FLOOR -> 154;
      case DROP_FALLEN_VERSION -> 178;
      case STAMP_IN_SCRIPTS -> 18;
      case STAMP_ON_READ -> 87;
      case FOREIGN_KEEPS_FLOOR -> 281;
      case CLAIM_CARRIES_FLOOR -> 468;
      case YOUNG_LINEAGE_SKIPS_REPLICA -> 473;
      case DROP_TELLS_VERSION -> 964;
    };
  }

  private static long seed(PathSafeguard safeguard) {
    return switch (safeguard) {
      case RELEASE -> 0;
      case PUBLISH_AFTER_COMMIT -> 1;
      case DEADLINE_OF_CALLER -> 6;
      case WATCH -> 13;
      case REFRESH_EPOCH -> 33;
      case DROP_AFTER_ROLLBACK -> 43;
      case REPAIR_UNKNOWN -> 73;
      case HIT_EPOCH -> 218;
      case KEEP_WHILE_REPLICA_LAGS -> 314;
      case DROP_AFTER_FAILED_WRITE -> 379;
    };
  }

  private static long seed(BulkSafeguard safeguard) {
    return switch (safeguard) {
      case EPOCH_OF_BULK_READ -> 9;
      case BALLOT_STANDS, IF_FREE, RESERVE_EXPIRED -> 15;
      case BALLOT_PER_ATTEMPT -> 68;
      case EPOCH_OF_BULK_FILL -> 335;
    };
  }

  private static Set<SimulationRule> expected(Safeguard safeguard) {
    return switch (safeguard) {
      case FLIGHT_EPOCHS, FLIGHT_EPOCH_OF_READ ->
          Set.of(
              SimulationRule.NOT_FROM_BEFORE_THE_CALL,
              SimulationRule.READ_YOUR_WRITES,
              SimulationRule.FORWARD_ONLY);
      case DROP_FALLEN_VERSION -> Set.of(SimulationRule.FORWARD_ONLY);
      // A claim that is left keeps readers waiting, too.
      case BREAK_OTHER_CLAIM_AS_LOCKED_WRITER ->
          Set.of(
              SimulationRule.FORWARD_ONLY,
              SimulationRule.READ_YOUR_WRITES,
              SimulationRule.NEWEST_AT_THE_END);
      case STAMP_ON_READ, STAMP_IN_SCRIPTS ->
          Set.of(
              SimulationRule.FORWARD_ONLY,
              SimulationRule.READ_YOUR_WRITES,
              SimulationRule.NOT_FROM_BEFORE_THE_CALL);
      default -> Set.of(SimulationRule.FORWARD_ONLY, SimulationRule.READ_YOUR_WRITES);
    };
  }

  private static Set<SimulationRule> expected(PathSafeguard safeguard) {
    return switch (safeguard) {
      case KEEP_WHILE_REPLICA_LAGS ->
          Set.of(SimulationRule.FORWARD_ONLY, SimulationRule.READ_YOUR_WRITES);
      case REPAIR_UNKNOWN -> Set.of(SimulationRule.REPAIRED);
      case DROP_AFTER_FAILED_WRITE ->
          Set.of(SimulationRule.READ_YOUR_WRITES, SimulationRule.REPAIRED);
      case PUBLISH_AFTER_COMMIT, DROP_AFTER_ROLLBACK -> Set.of(SimulationRule.COMMITTED_ONLY);
      case WATCH -> Set.of(SimulationRule.NEWEST_AT_THE_END);
      case REFRESH_EPOCH -> Set.of(SimulationRule.NOT_FROM_BEFORE_THE_CALL);
      case HIT_EPOCH ->
          Set.of(
              SimulationRule.NOT_FROM_BEFORE_THE_CALL,
              SimulationRule.READ_YOUR_WRITES,
              SimulationRule.FORWARD_ONLY);
      case DEADLINE_OF_CALLER -> Set.of(SimulationRule.ENDS_IN_TIME);
      case RELEASE -> Set.of(SimulationRule.NEWEST_AT_THE_END);
    };
  }

  private static Set<SimulationRule> expected(BulkSafeguard safeguard) {
    return switch (safeguard) {
      case BALLOT_STANDS, IF_FREE, RESERVE_EXPIRED -> Set.of(SimulationRule.ONE_LOAD);
      case BALLOT_PER_ATTEMPT ->
          Set.of(SimulationRule.FORWARD_ONLY, SimulationRule.READ_YOUR_WRITES);
      case EPOCH_OF_BULK_FILL, EPOCH_OF_BULK_READ ->
          Set.of(
              SimulationRule.NOT_FROM_BEFORE_THE_CALL,
              SimulationRule.READ_YOUR_WRITES,
              SimulationRule.FORWARD_ONLY);
    };
  }

  private static SimulationRule firstViolation(List<Edit> edits, String label, long writtenDown)
      throws Exception {
    assertThat(edits).isNotEmpty();
    try (EditedCore core = EditedCore.with(COPIES, edits, label)) {
      String known = SEARCH ? "" : core.run(writtenDown);
      if (!known.isEmpty()) {
        return tell(label, writtenDown, known);
      }
      for (long seed = 0; seed < SEEDS; seed++) {
        String violation = core.run(seed);
        if (!violation.isEmpty()) {
          if (seed != writtenDown) {
            System.out.printf("write down seed %d for %s%n", seed, label);
          }
          return tell(label, seed, violation);
        }
      }
    }
    throw new AssertionError("nothing was violated without " + label + " in " + SEEDS + " seeds");
  }

  private static SimulationRule tell(String label, long seed, String violation) {
    System.out.printf("without %s: seed %d, %s%n", label, seed, violation);
    return SimulationRule.valueOf(violation.substring(0, violation.indexOf(':')));
  }
}
