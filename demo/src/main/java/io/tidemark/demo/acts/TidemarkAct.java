package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeClient.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The stampede with the cache. */
final class TidemarkAct implements Act {
  private static final long FIRST_PRODUCT = 7;
  private static final int ROUNDS = 5;

  /** What a round took, in milliseconds. */
  private record Times(double afterLoad, double bareGet) {
    double ratio() {
      return afterLoad / bareGet;
    }
  }

  @Override
  public String name() {
    return "tidemark";
  }

  @Override
  public String title() {
    return "Tidemark";
  }

  @Override
  public String promise() {
    return "one read for the whole fleet, and its answer is with every caller";
  }

  @Override
  public void play(DemoStage stage, Notes notes) throws Exception {
    stage.awaitAbleToLoad();
    List<Long> reads = new ArrayList<>();
    List<Times> times = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      long id = FIRST_PRODUCT + round;
      String before = stage.node(1).http().slot(id).state();
      notes.expect(before.equals("EMPTY"), "product %d was not cold, but %s".formatted(id, before));
      Rush rush = Rush.run(stage, stage.nodes(), id, Mode.PROTECTED, StageNodes.DB_LATENCY);
      Rush bare = Rush.run(stage, stage.nodes(), id, Mode.GET, StageNodes.DB_LATENCY);
      notes.expect(rush.errors() == 0, "%d callers got an error".formatted(rush.errors()));
      notes.expect(bare.errors() == 0, "%d bare GETs found nothing".formatted(bare.errors()));
      notes.calls(rush.calls("Tidemark"));
      notes.calls(bare.calls("bare GET"));
      reads.add(rush.reads());
      rush.millisAfterLoad()
          .ifPresent(millis -> times.add(new Times(millis, bare.millisFromStart())));
    }
    int callers = stage.nodes().size() * DemoStage.CALLERS;
    notes.did(
        "The same %d callers asked for a cold product through Tidemark: one process took its lock in ZooKeeper and read the database, which took %d ms; the others waited for it. %d rounds, each with another product. After each round as many callers read the same entry by a bare GET, to compare with."
            .formatted(callers, StageNodes.DB_LATENCY.toMillis(), ROUNDS));
    notes.score("%d callers, database reads in each round: %s".formatted(callers, spaced(reads)));
    notes.figure("callers", callers);
    notes.figure("database reads in each round", spaced(reads));
    notes.figure("last caller back, after the load", spaced(times, Times::afterLoad), "ms");
    notes.figure("last bare GET back", spaced(times, Times::bareGet), "ms");
    notes.figure("ratio of the two", spaced(times, Times::ratio));
    notes.expect(
        reads.stream().allMatch(count -> count == 1),
        "the database counted %s reads, not 1 in each round".formatted(spaced(reads)));
  }

  private static String spaced(List<Long> counts) {
    return counts.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }

  private interface Measure {
    double of(Times times);
  }

  private static String spaced(List<Times> rounds, Measure measure) {
    return rounds.stream()
        .map(times -> String.format(Locale.ROOT, "%.1f", measure.of(times)))
        .collect(Collectors.joining(" "));
  }
}
