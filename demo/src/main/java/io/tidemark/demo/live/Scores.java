package io.tidemark.demo.live;

import io.tidemark.judge.Judge.Verdict;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What came of one side's calls, counted since the start. Thread-safe. */
final class Scores {
  private final LongAdder reads = new LongAdder();
  private final LongAdder writes = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final Map<Verdict, LongAdder> verdicts = new EnumMap<>(Verdict.class);

  Scores() {
    for (Verdict verdict : Verdict.values()) {
      verdicts.put(verdict, new LongAdder());
    }
  }

  void read(Verdict verdict) {
    reads.increment();
    of(verdict).increment();
  }

  void written() {
    writes.increment();
  }

  void failed() {
    failed.increment();
  }

  Events.LaneTotals totals(@Nullable Long databaseReads) {
    return new Events.LaneTotals(
        reads.sum(),
        writes.sum(),
        of(Verdict.OLD).sum(),
        of(Verdict.BACK).sum(),
        failed.sum(),
        databaseReads);
  }

  private LongAdder of(Verdict verdict) {
    return Objects.requireNonNull(verdicts.get(verdict));
  }
}
