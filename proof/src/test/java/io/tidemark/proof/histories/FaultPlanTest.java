package io.tidemark.proof.histories;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proof.histories.FaultPlan.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
  private static final Duration SHORT = Duration.ofSeconds(35);
  private static final Set<FaultKind> FAULTS = LockKind.ZOOKEEPER.faults();
  private static final int SEEDS = 2_000;

  @Test
  void of_sameSeed_isTheSamePlan() {
    assertThat(FaultPlan.of(7, SHORT, 4, FAULTS)).isEqualTo(FaultPlan.of(7, SHORT, 4, FAULTS));
  }

  @Test
  void of_otherSeed_isAnotherPlan() {
    assertThat(FaultPlan.of(7, SHORT, 4, FAULTS)).isNotEqualTo(FaultPlan.of(8, SHORT, 4, FAULTS));
  }

  @Test
  void of_shortRun_hasEveryKind() {
    for (long seed = 0; seed < SEEDS; seed++) {
      assertThat(FaultPlan.of(seed, SHORT, 4, FAULTS).faults())
          .as("seed %d", seed)
          .extracting(Fault::kind)
          .containsAll(FAULTS);
    }
  }

  @Test
  void of_shortRunWithOtherLocks_hasEveryKindOfTheirs() {
    Set<FaultKind> faults = LockKind.BY_KEY.faults();
    assertThat(faults)
        .contains(FaultKind.RESTART_LOCK_SERVER, FaultKind.RESTART_REDIS)
        .noneMatch(FaultKind::isOfZooKeeper);
    for (long seed = 0; seed < SEEDS; seed++) {
      assertThat(FaultPlan.of(seed, HistoryIT.SHORTER, 4, faults).faults())
          .as("seed %d", seed)
          .extracting(Fault::kind)
          .containsAll(faults)
          .isSubsetOf(faults);
    }
  }

  @Test
  void of_shortestRun_hasEachOfTheFew() {
    for (long seed = 0; seed < SEEDS; seed++) {
      assertThat(
              FaultPlan.of(seed, HistoryIT.SHORTEST, 4, RedisKind.SINGLE.of(FaultKind.few()))
                  .faults())
          .as("seed %d", seed)
          .extracting(Fault::kind)
          .containsAll(RedisKind.SINGLE.of(FaultKind.few()));
    }
  }

  @Test
  void of_anySeed_endsWithinTheDuration() {
    for (long seed = 0; seed < SEEDS; seed++) {
      assertThat(FaultPlan.of(seed, SHORT, 4, FAULTS).faults())
          .as("seed %d", seed)
          .allMatch(fault -> fault.beginMillis() <= fault.endMillis())
          .allMatch(fault -> fault.endMillis() < SHORT.toMillis());
    }
  }

  @Test
  void of_anySeed_givesNobodyTwoFaultsAtOnce() {
    for (long seed = 0; seed < SEEDS; seed++) {
      Map<String, List<Fault>> byVictim =
          FaultPlan.of(seed, SHORT, 4, FAULTS).faults().stream()
              .collect(Collectors.groupingBy(FaultPlanTest::victim));
      for (List<Fault> faults : byVictim.values()) {
        List<Fault> inOrder = new ArrayList<>(faults);
        for (int i = 1; i < inOrder.size(); i++) {
          assertThat(inOrder.get(i).beginMillis())
              .as("seed %d", seed)
              .isGreaterThan(inOrder.get(i - 1).endMillis());
        }
      }
    }
  }

  /** One fault of ZooKeeper's servers may lose the majority, so they count as one. */
  private static String victim(Fault fault) {
    return fault.kind().victim() == FaultKind.Victim.WORKER
        ? "worker " + fault.victim()
        : fault.kind().victim().name();
  }
}
