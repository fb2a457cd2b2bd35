package io.tidemark.proof.histories;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proof.safeguards.CoreEdits;
import io.tidemark.proof.safeguards.Design;
import io.tidemark.proof.safeguards.Edit;
import io.tidemark.proof.safeguards.RedisEdits;
import io.tidemark.proof.safeguards.Safeguard;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real processes of which one lacks a safeguard: the checker must find what that costs. Each attack
 * is also played against processes that have them all, and then it must find nothing.
 */
@Execution(ExecutionMode.CONCURRENT)
class SafeguardsOffIT {
  /** The attack that each safeguard is there to stop. */
  private static final Map<Safeguard, Attack> ATTACKS = new EnumMap<>(Safeguard.class);

  /** Why a safeguard has no run of this kind. */
  private static final Map<Safeguard, String> NOT_HERE = new EnumMap<>(Safeguard.class);

  static {
    ATTACKS.put(Safeguard.COMPARE_VERSIONS, Attack.LATE_PUBLISH);
    ATTACKS.put(Safeguard.CLAIM_ON_EMPTY, Attack.LATE_FILL_OF_AN_EMPTY_SLOT);
    ATTACKS.put(Safeguard.CLAIM_ON_FLOOR, Attack.LATE_FILL_OVER_A_FLOOR);
    ATTACKS.put(Safeguard.OWN_CLAIM, Attack.LATE_FILL_UNDER_THE_NEXT_CLAIM);
    ATTACKS.put(Safeguard.BREAK_OTHER_CLAIM, Attack.DELETION_DURING_A_LOAD);
    ATTACKS.put(
        Safeguard.BREAK_OTHER_CLAIM_AS_LOCKED_WRITER, Attack.LOCKED_DELETION_DURING_THE_NEXT_LOAD);
    ATTACKS.put(Safeguard.DROP_ON_TIE_NOT_KEEP, Attack.TIE);
    ATTACKS.put(Safeguard.DROP_ON_TIE_NOT_REPLACE, Attack.LATE_TIE);
    ATTACKS.put(Safeguard.DROP_ABSENT, Attack.LATE_PUBLISH_OVER_AN_ABSENCE);
    ATTACKS.put(Safeguard.FLOOR, Attack.LAGGING_REPLICA);
    ATTACKS.put(Safeguard.BEHIND_ON_TIE, Attack.LAGGING_REPLICA_WITH_A_TIE);
    ATTACKS.put(Safeguard.BEHIND_ON_ABSENCE, Attack.LAGGING_REPLICA_OF_AN_INSERT);
    ATTACKS.put(Safeguard.RENEW_OWN_CLAIM, Attack.LATE_FILL_UNDER_A_RENEWED_CLAIM);
    ATTACKS.put(Safeguard.FLIGHT_EPOCHS, Attack.LATE_JOINER);
    ATTACKS.put(Safeguard.FLIGHT_EPOCH_OF_READ, Attack.LATE_JOINER);
    ATTACKS.put(Safeguard.REPEAT_AFTER_LOST_REPLY, Attack.LOST_PUBLISH);
    ATTACKS.put(Safeguard.CLEAR_BREAKS_CLAIMS, Attack.CLEAR_DURING_A_LOAD);
    ATTACKS.put(Safeguard.STAMP_ON_READ, Attack.FAILOVER_TO_AN_OLDER_ENTRY);
    ATTACKS.put(Safeguard.STAMP_IN_SCRIPTS, Attack.FAILOVER_TO_A_BROKEN_CLAIM);
    ATTACKS.put(Safeguard.FOREIGN_KEEPS_FLOOR, Attack.MOVED_ENTRY_AND_LAGGING_REPLICA);
    ATTACKS.put(Safeguard.YOUNG_LINEAGE_SKIPS_REPLICA, Attack.LOST_FLOOR_AND_LAGGING_REPLICA);
    NOT_HERE.put(
        Safeguard.FENCE_PER_ATTEMPT,
        "the network must hold a fill back until the next attempt has claimed, and a proxy can only"
            + " cut: the simulation does it");
    NOT_HERE.put(
        Safeguard.DROP_FALLEN_VERSION,
        "a row is ranked by its commit here, and the later one is right whatever its version");
    NOT_HERE.put(
        Safeguard.CLAIM_CARRIES_FLOOR,
        "the floor must end while its claim lives, and nobody moves the time of a real server: the"
            + " simulation does it");
    NOT_HERE.put(
        Safeguard.DROP_TELLS_VERSION,
        "every value of the workers can be an entry: the simulation has some that cannot");
  }

  /** The attack that each of the designs falls to. */
  private static final Map<Design, Attack> DESIGNS =
      Map.of(
          Design.LOCK_WITHOUT_VERSIONS,
          Attack.LATE_FILL_AFTER_A_LOST_LOCK,
          Design.VERSIONS_WITHOUT_CLAIMS,
          Attack.LATE_FILL_OF_AN_EMPTY_SLOT,
          Design.CLAIMS_WITHOUT_VERSIONS,
          Attack.LATE_PUBLISH);

  /** What every build plays: a safeguard of each of the scripts that change a slot. */
  private static final Set<Safeguard> FIRST =
      EnumSet.of(Safeguard.COMPARE_VERSIONS, Safeguard.OWN_CLAIM, Safeguard.RENEW_OWN_CLAIM);

  private static final AttackedFleet FLEET = new AttackedFleet();

  /** An attack against a suspect that lacks something. */
  record Trial(String name, List<Edit> edits, Attack attack) {
    String key() {
      return attack.key(name);
    }

    /** Whether it would disturb others: the suspect that lacks nothing is shared. */
    boolean needsSolitude() {
      return attack.reach() == Attack.Reach.CACHE
          || (attack.reach() == Attack.Reach.SUSPECT && edits.isEmpty());
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Trial> firstTrials() {
    return FIRST.stream().map(SafeguardsOffIT::trial);
  }

  static Stream<Trial> otherTrials() {
    return Stream.concat(
        ATTACKS.keySet().stream()
            .filter(safeguard -> !FIRST.contains(safeguard))
            .map(SafeguardsOffIT::trial),
        DESIGNS.entrySet().stream()
            .map(
                entry ->
                    new Trial(
                        entry.getKey().label(), RedisEdits.of(entry.getKey()), entry.getValue())));
  }

  static Set<Attack> firstAttacks() {
    return FIRST.stream().map(ATTACKS::get).collect(Collectors.toCollection(TreeSet::new));
  }

  static Set<Attack> otherAttacks() {
    return EnumSet.complementOf(EnumSet.copyOf(firstAttacks()));
  }

  private static Trial trial(Safeguard safeguard) {
    Attack attack = Objects.requireNonNull(ATTACKS.get(safeguard));
    List<Edit> edits = new ArrayList<>(without(safeguard));
    if (attack.setup().hasReplica() && safeguard != Safeguard.YOUNG_LINEAGE_SKIPS_REPLICA) {
      // A worker is too young to read its replica, and nobody moves the time of a real process.
      edits.addAll(CoreEdits.without(Safeguard.YOUNG_LINEAGE_SKIPS_REPLICA));
    }
    return new Trial(safeguard.label(), List.copyOf(edits), attack);
  }

  /** Where it does not live in the store it lives above it. */
  private static List<Edit> without(Safeguard safeguard) {
    List<Edit> edits = RedisEdits.without(safeguard);
    return edits.isEmpty() ? CoreEdits.without(safeguard) : edits;
  }

  @BeforeAll
  static void startFleet() throws Exception {
    FLEET.start();
  }

  @AfterAll
  static void endFleet() throws Exception {
    FLEET.end();
  }

  @ParameterizedTest
  @MethodSource("firstTrials")
  void attack_withoutItsSafeguard_breaksAPromise(Trial trial) throws Exception {
    assertBreaksAPromise(trial);
  }

  @ParameterizedTest
  @MethodSource("otherTrials")
  @Tag("thorough")
  void attack_withoutEachOtherSafeguard_breaksAPromise(Trial trial) throws Exception {
    assertBreaksAPromise(trial);
  }

  @ParameterizedTest
  @MethodSource("firstAttacks")
  void attack_withAllSafeguards_breaksNone(Attack attack) throws Exception {
    assertBreaksNone(attack);
  }

  @ParameterizedTest
  @MethodSource("otherAttacks")
  @Tag("thorough")
  void attack_ofTheOthersWithAllSafeguards_breaksNone(Attack attack) throws Exception {
    assertBreaksNone(attack);
  }

  private static void assertBreaksAPromise(Trial trial) throws Exception {
    assertThat(FLEET.play(trial))
        .extracting(HistoryViolation::rule)
        .containsAnyOf(HistoryRule.READ_YOUR_WRITES, HistoryRule.FORWARD_ONLY);
  }

  private static void assertBreaksNone(Attack attack) throws Exception {
    assertThat(FLEET.play(new Trial("all-safeguards-" + attack, List.of(), attack))).isEmpty();
  }

  @Test
  void safeguards_each_haveAnAttackHereOrAReason() {
    EnumSet<Safeguard> named = EnumSet.noneOf(Safeguard.class);
    named.addAll(ATTACKS.keySet());
    named.addAll(NOT_HERE.keySet());
    assertThat(named).containsExactly(Safeguard.values());
    assertThat(ATTACKS).doesNotContainKeys(NOT_HERE.keySet().toArray(Safeguard[]::new));
  }
}
