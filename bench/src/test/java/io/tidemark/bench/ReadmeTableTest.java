package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.bench.Sample.Quantity;
import io.tidemark.bench.contestants.Contestants;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTableTest {
  private static final List<Work> WORKS =
      Stream.of(Workload.HITS, Workload.MISSES, Workload.COLD_KEY, Workload.ANSWERS)
          .map(one -> one.works(EnumSet.allOf(Contestants.class), Effort.FULL).get(0))
          .toList();

  @TempDir private Path folder = Path.of("");

  @Test
  void of_allWorks_hasAColumnForEachTable() throws Exception {
    assertThat(lines())
        .startsWith(
            "|  | Hits: operations a second, raw Jedis: GET, else load and SET = 1"
                + " | Misses of new keys: time, base = 1"
                + " | A cold key: last caller's time beyond the load, base = 1 | loads of a key"
                + " | stale answers in a million | steps back in a million"
                + " | failed reads in a million |",
            "|---|---:|---:|---:|---:|---:|---:|---:|");
  }

  @Test
  void of_allWorks_hasTheContestantsBelowTheirBases() throws Exception {
    assertThat(lines())
        .filteredOn(line -> line.startsWith("| "))
        .extracting(line -> line.split(" \\| ", -1)[0])
        .containsExactly(
            "| ",
            "| *base: " + Contestants.REDISSON_LOCK.title() + "*",
            title(Contestants.RAW_JEDIS),
            title(Contestants.FIRST_SEED),
            title(Contestants.REDISSON_LOCK),
            title(Contestants.REDISSON_MAP),
            title(Contestants.JETCACHE),
            title(Contestants.SPRING),
            "| **" + Contestants.TIDEMARK_REDIS.title() + "**",
            "| *base: " + Contestants.PLAIN_MUTEX.title() + "*",
            title(Contestants.PLAIN_MUTEX),
            "| **" + Contestants.TIDEMARK_ZOOKEEPER.title() + "**");
  }

  @Test
  void of_allWorks_hasMediansAndSaysWhereNoDifferenceIsShown() throws Exception {
    assertThat(lines())
        .contains(
            title(Contestants.RAW_JEDIS)
                + " | 1.00 | no difference | no difference | 10.0 | 10.0 | 10.0 | 10.0 |")
        .contains(
            "| **%s** | **0.25** | **4.00** | **4.00** | **40.0** | **40.0** | **40.0** | **40.0** |"
                .formatted(Contestants.TIDEMARK_ZOOKEEPER.title()));
  }

  @Test
  void of_countThatWasZeroInMostRounds_hasItsRange() throws Exception {
    assertThat(lines())
        .contains(
            "| **%s** | **0.50** | **2.00** | **2.00** | **20.0** | **0.0** | **0.0** | **0.0 – 12.0** |"
                .formatted(Contestants.TIDEMARK_REDIS.title()));
  }

  @Test
  void of_allWorks_leadsToTheirSections() throws Exception {
    assertThat(lines())
        .endsWith(
            "Medians of: "
                + "[Hits, 1 thread, 100 bytes](bench/RESULTS.md#hits-1-thread-100-bytes); "
                + "[Misses of new keys, 1 thread, a load of 0 ms]"
                + "(bench/RESULTS.md#misses-of-new-keys-1-thread-a-load-of-0-ms); "
                + "[A cold key, 4 processes with 25 callers each, a load of 100 ms](bench/RESULTS.md"
                + "#a-cold-key-4-processes-with-25-callers-each-a-load-of-100-ms); "
                + "[Wrong answers, with pauses and evictions]"
                + "(bench/RESULTS.md#wrong-answers-with-pauses-and-evictions).");
  }

  @Test
  void of_workThatWasNotMeasured_isRefusedWithTheCommand() throws Exception {
    ResultsPage page = page(WORKS.subList(0, 3));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReadmeTable.of(page))
        .withMessageContaining(WORKS.get(3).title())
        .withMessageEndingWith("bench/run --work answers");
  }

  @Test
  void of_contestantThatWasNotMeasured_isRefusedByName() throws Exception {
    String name = Contestants.JETCACHE.title();
    ResultsPage page = page(WORKS);
    Work hits = WORKS.get(0);
    ResultsPage without =
        page.with(hits.title(), page.section(hits.title()).replace(name, "Somebody else"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReadmeTable.of(without))
        .withMessageContaining(name)
        .withMessageContaining(hits.title());
  }

  @Test
  void of_figureWithAnotherBase_isRefused() throws Exception {
    Work misses = WORKS.get(1);
    ResultsPage page = page(WORKS);
    ResultsPage other =
        page.with(
            misses.title(),
            page.section(misses.title()).replace(Contestants.REDISSON_LOCK.title(), "another"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReadmeTable.of(other))
        .withMessageContaining(misses.title())
        .withMessageContaining("another");
  }

  private List<String> lines() throws IOException {
    return ReadmeTable.of(page(WORKS)).lines().toList();
  }

  private static String title(Contestants contestant) {
    return "| " + contestant.title();
  }

  /** What the bench writes after five rounds. */
  private ResultsPage page(List<Work> works) throws IOException {
    Map<Run, List<Sample>> samples = new HashMap<>();
    for (Work work : works) {
      for (Work.Entry entry : work.entries()) {
        List<Sample> ofRun = new ArrayList<>();
        for (int round = 0; round < 5; round++) {
          ofRun.add(sample(entry.run().title(), round));
        }
        samples.put(entry.run(), ofRun);
      }
    }
    new Report(works, samples)
        .write(folder, Map.of("date", "none"), works.stream().map(Work::title).toList());
    return ResultsPage.in(folder);
  }

  /** Everybody takes 10 of everything; Tidemark takes more, or has no wrong answers. */
  private static Sample sample(String contestant, int round) {
    Map<Quantity, Double> values = new EnumMap<>(Quantity.class);
    boolean redis = contestant.equals(Contestants.TIDEMARK_REDIS.title());
    boolean zookeeper = contestant.equals(Contestants.TIDEMARK_ZOOKEEPER.title());
    for (Quantity quantity : Quantity.values()) {
      values.put(quantity, redis ? 20.0 : zookeeper ? 40 : 10);
    }
    if (redis) {
      values.put(Quantity.OLD, 0.0);
      values.put(Quantity.BACK, 0.0);
      values.put(Quantity.FAILED, round == 3 ? 12.0 : 0);
    }
    return new Sample(values);
  }
}
