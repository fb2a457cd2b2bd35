package io.tidemark.proof.histories;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/**
 * The run through failovers of {@link HistoryIT}, with stores that keep what they bring back: it
 * can fail. Not a part of any build, because it depends on chance whether somebody reads an old
 * slot: {@code -Dtest=None -Dit.test=KeptSlots}.
 */
class KeptSlots {
  @Test
  void history_storesKeepWhatAFailoverBringsBack_breaksPromises() throws Exception {
    HistoryRun run =
        new HistoryRun(
            HistoryIT.ONE_FAILOVER,
            HistoryIT.anySeed(),
            LockKind.ZOOKEEPER,
            RedisKind.SENTINEL,
            WorkerSetup.LOAD_THAT_KEEPS_OLD_SLOTS,
            EnumSet.of(FaultKind.LOSE_WRITES),
            HistoryIT.SHORT_PAUSE);

    RunReport report = run.run(progress -> progress.failovers() >= 3);

    assertThat(report.failovers()).isPositive();
    assertThat(report.violationCounts())
        .as("seed %d", run.seed())
        .containsKeys(HistoryRule.READ_YOUR_WRITES, HistoryRule.FORWARD_ONLY);
  }
}
