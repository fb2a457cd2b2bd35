package io.tidemark.demo.acts;

import io.tidemark.demo.acts.JudgedCalls.Counts;

/** Every process of the fleet is replaced, one after the other, under load. */
final class RollingRestartAct implements Act {
  private static final int READS_BETWEEN = 100;

  @Override
  public String name() {
    return "rolling-restart";
  }

  @Override
  public String title() {
    return "Rolling restart";
  }

  @Override
  public String promise() {
    return "every process was replaced under load, no call failed, and no answer was wrong";
  }

  @Override
  public void play(DemoStage stage, Notes notes) throws Exception {
    stage.awaitAbleToLoad();
    Balancer balancer = Balancer.of(stage.nodes());
    int replaced = 0;
    try (JudgedLoad load = JudgedLoad.start(stage, balancer)) {
      load.awaitReads(READS_BETWEEN);
      for (int number = 1; number <= stage.nodes().size(); number++) {
        NodeProcess old = stage.node(number);
        balancer.takeOut(old.http());
        load.await(
            "the calls of %s have ended".formatted(old.name()), () -> !balancer.isBusy(old.http()));
        NodeProcess next = stage.restart(number);
        balancer.putIn(next.http());
        replaced += next.child().pid() == old.child().pid() ? 0 : 1;
        load.awaitReads(READS_BETWEEN);
      }
      notes.did(
          "%s, through a balancer. It sent a process no more calls, and when those under way had ended the process was told to leave, and another took its place; so with each in turn."
              .formatted(JudgedLoad.text()));
      notes.figure("processes replaced", replaced);
      tell(notes, load.end(notes), replaced, stage.nodes().size());
    }
  }

  private static void tell(Notes notes, Counts counts, int replaced, int processes) {
    notes.score(
        "%d processes replaced, %d calls, %d failed, %d wrong answers"
            .formatted(replaced, counts.calls(), counts.failures(), counts.wrong()));
    expect(notes, counts, replaced, processes);
  }

  /** The verdict. */
  static void expect(Notes notes, Counts counts, int replaced, int processes) {
    notes.expect(
        replaced == processes, "%d of %d processes were replaced".formatted(replaced, processes));
    notes.expect(counts.failures() == 0, "%d calls failed".formatted(counts.failures()));
    notes.expect(counts.wrong() == 0, "%d answers were wrong".formatted(counts.wrong()));
  }
}
