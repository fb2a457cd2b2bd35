package io.tidemark.proof.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proof.safeguards.EditedCopies;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs seeds. {@code -Dtidemark.simulation.seeds=N} runs N of them, {@code
 * -Dtidemark.simulation.seed=S} only that one, with a line for each step, in the output file that
 * Surefire keeps beside its reports. A real lock that is held while a strand blocks would stop
 * everything: hence the time limit.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("longer")
final class SimulationTest {

  /** Few, and enough for everything to happen that is counted. */
  private static final int DEFAULT_SEEDS = 400;

  /** What is about many keys at once happens often, and not only now and then. */
  private static final Map<Happening, Integer> AT_LEAST =
      Map.ofEntries(
          Map.entry(Happening.READ_OF_MANY_KEYS, 2_000),
          Map.entry(Happening.READ_OF_MANY_KEYS_SHARED_A_LOAD, 300),
          Map.entry(Happening.LOAD_OF_MANY_KEYS, 300),
          Map.entry(Happening.PUBLISH_OF_MANY_KEYS, 500),
          Map.entry(Happening.INVALIDATE_OF_MANY_KEYS, 150),
          Map.entry(Happening.BALLOT_CLAIMED, 1_000),
          Map.entry(Happening.BALLOT_UNANSWERED, 50),
          Map.entry(Happening.BALLOT_LOST_TO_A_BALLOT, 200),
          Map.entry(Happening.BALLOT_LOST_TO_A_LOCK, 150),
          Map.entry(Happening.BALLOT_STOOD, 150),
          Map.entry(Happening.BALLOT_REFUSED, 150),
          Map.entry(Happening.ENTRY_RESERVED_BY_A_BALLOT, 20),
          Map.entry(Happening.ENTRY_RESERVED_BY_A_LOCK, 50),
          Map.entry(Happening.RESERVATION_STOOD, 10));

  private static final int LINES_SHOWN = 80;

  @Test
  void seeds_everySafeguardInPlace_keepEveryRule() {
    Long only = Long.getLong("tidemark.simulation.seed");
    if (only != null) {
      assertThat(replay(only, Integer.MAX_VALUE)).isEmpty();
      return;
    }
    int seeds = Integer.getInteger("tidemark.simulation.seeds", DEFAULT_SEEDS);
    Map<Happening, Long> counts = new EnumMap<>(Happening.class);
    long startedNanos = System.nanoTime();
    long steps = 0;
    try (Simulation simulation = new Simulation()) {
      for (long seed = 0; seed < seeds; seed++) {
        SimulationReport report = simulation.run(seed);
        if (report.violation() != null) {
          throw new AssertionError(replay(seed, LINES_SHOWN), report.violation());
        }
        steps += report.steps();
        report.counts().forEach((happening, count) -> counts.merge(happening, count, Long::sum));
      }
    }
    double seconds = (System.nanoTime() - startedNanos) / 1e9;
    System.out.printf(
        "Simulation: %d seeds, %d steps in %.1f s, no violation. %s%n",
        seeds, steps, seconds, counts);
    if (seeds >= DEFAULT_SEEDS) {
      assertThat(counts).containsOnlyKeys(Arrays.asList(Happening.values()));
      AT_LEAST.forEach(
          (happening, least) ->
              assertThat(counts.get(happening)).as(happening.name()).isGreaterThan(least));
    }
  }

  @Test
  void seed_runAgain_happensTheSameWay() {
    try (Simulation simulation = new Simulation();
        Simulation other = new Simulation()) {
      for (long seed = 0; seed < 20; seed++) {
        SimulationReport first = simulation.trace(seed);
        assertThat(first.trace()).hasSizeGreaterThan(20);
        assertThat(other.trace(seed).trace()).isEqualTo(first.trace());
        assertThat(other.run(seed).fingerprint()).isEqualTo(first.fingerprint());
      }
    }
  }

  @Test
  void seed_otherClassLoader_happensTheSameWay() throws Exception {
    try (Simulation simulation = new Simulation();
        EditedCopies copies = new EditedCopies();
        EditedCore unedited = EditedCore.with(copies, List.of(), "nothing")) {
      for (long seed = 0; seed < 20; seed++) {
        assertThat(unedited.fingerprint(seed)).isEqualTo(simulation.run(seed).fingerprint());
      }
    }
  }

  @Test
  void seeds_differ_happenInDifferentWays() {
    try (Simulation simulation = new Simulation()) {
      assertThat(simulation.run(1).fingerprint()).isNotEqualTo(simulation.run(2).fingerprint());
    }
  }

  /** Prints the last steps of a seed. Returns what it violates, and how to run it again. */
  private static String replay(long seed, int lines) {
    try (Simulation simulation = new Simulation()) {
      SimulationReport report = simulation.trace(seed);
      List<String> trace = report.trace();
      trace.subList(Math.max(0, trace.size() - lines), trace.size()).forEach(System.out::println);
      return report.violation() == null
          ? ""
          : "seed %d: %s. Run it again: mvn -pl proof -am test -Dtest=SimulationTest"
                  .formatted(seed, report.violation().getMessage())
              + " -Dsurefire.failIfNoSpecifiedTests=false -Dtidemark.simulation.seed="
              + seed;
    }
  }
}
