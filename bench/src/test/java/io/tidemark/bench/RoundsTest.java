package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private static final Run BASE = run("base");
  private static final Run FIRST = run("first");
  private static final Run SECOND = run("second");
  private static final Work WORK =
      new Work(
          "some work",
          List.of(Comparison.TIME),
          List.of(
              new Work.Entry(BASE, BASE),
              new Work.Entry(FIRST, BASE),
              new Work.Entry(SECOND, BASE)));

  private final List<String> names = new ArrayList<>();
  private final List<String> finished = new ArrayList<>();

  @Test
  void play_severalRounds_beginsEachWithAnother() throws Exception {
    List<String> order = new ArrayList<>();

    play(
        3,
        (name, run) -> {
          order.add(run.title());
          return sample(1);
        });

    assertThat(order)
        .containsExactly(
            "base", "first", "second", "first", "second", "base", "second", "base", "first");
    assertThat(names)
        .startsWith("1 of round 1: some work: base", "2 of round 1: some work: first")
        .hasSize(9);
  }

  @Test
  void play_machineThatSlowsDown_changesNoRatio() throws Exception {
    // Ten times as slow in each round, in which the first takes twice the time of the base.
    Map<Run, List<Sample>> samples =
        play(
            3,
            (name, run) -> {
              double slowness = Math.pow(10, name.charAt("round-".length()) - '0');
              return sample(run.equals(FIRST) ? 2 * slowness : slowness);
            });

    assertThat(Work.spread(WORK.entries().get(1), Comparison.TIME, samples))
        .isEqualTo(new Spread(3, 2, 2, 2));
  }

  @Test
  void play_eachMeasurement_hasAFileNameOfItsOwn() throws Exception {
    List<String> files = new ArrayList<>();

    play(
        2,
        (name, run) -> {
          files.add(name);
          return sample(1);
        });

    assertThat(files).contains("round-2-some-work-first").doesNotHaveDuplicates();
  }

  @Test
  void play_eachRound_tellsTheSamplesSoFar() throws Exception {
    play(3, (name, run) -> sample(1));

    assertThat(finished).containsExactly("1 with 1", "2 with 2", "3 with 3");
  }

  private Map<Run, List<Sample>> play(int rounds, Rounds.Meter meter) throws Exception {
    Map<Run, List<Sample>> last = new HashMap<>();
    Rounds.play(
        List.of(WORK),
        rounds,
        meter,
        new Rounds.Listener() {
          @Override
          public void measures(int round, int number, Work work, Run run) {
            names.add("%d of round %d: %s: %s".formatted(number, round, work.title(), run.title()));
          }

          @Override
          public void finished(int rounds, Map<Run, List<Sample>> samples) {
            finished.add(
                "%d with %d".formatted(rounds, samples.getOrDefault(BASE, List.of()).size()));
            last.putAll(samples);
          }
        });
    return last;
  }

  private static Sample sample(double micros) {
    return new Sample(Map.of(Sample.Quantity.MICROS, micros));
  }

  private static Run run(String title) {
    return new JmhRun(title, "benchmark", 1, Map.of("who", title));
  }
}
