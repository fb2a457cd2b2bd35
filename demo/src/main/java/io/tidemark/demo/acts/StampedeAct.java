package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeAnswers.Stampede;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What happens without protection. The callers are made to meet, because a stampede that is left to
 * chance is as large as the machine is fast.
 */
final class StampedeAct implements Act {
  private static final long PRODUCT = 1;
  private static final String HOLD = "stampede";

  @Override
  public String name() {
    return "stampede";
  }

  @Override
  public String title() {
    return "Stampede";
  }

  @Override
  public String promise() {
    return "without protection a cold key sends every caller to the database";
  }

  @Override
  public void play(DemoStage stage, Notes notes) throws Exception {
    Rush rush = play(stage);
    notes.did(
        "%d callers in %d processes asked for a product that was not in the cache, all at the same moment: none was given its row before every one had looked into Redis. Each found nothing there, and read the database."
            .formatted(rush.callers(), stage.nodes().size()));
    notes.calls(rush.calls("without protection"));
    notes.figure("callers", rush.callers());
    notes.figure("database reads", rush.reads());
    notes.score("%d callers, %d database reads".formatted(rush.callers(), rush.reads()));
    notes.expect(
        rush.reads() == rush.callers(),
        "the database counted %d reads, not %d".formatted(rush.reads(), rush.callers()));
    notes.expect(rush.errors() == 0, "%d callers got an error".formatted(rush.errors()));
  }

  private static Rush play(DemoStage stage) throws Exception {
    long before = stage.database().reads();
    List<CompletableFuture<Stampede>> under =
        stage.nodes().stream()
            .map(node -> node.http().unprotectedStampede(PRODUCT, DemoStage.CALLERS, HOLD))
            .toList();
    try {
      for (int i = 0; i < under.size(); i++) {
        stage.awaitHeld(stage.nodes().get(i), HOLD, DemoStage.CALLERS, under.get(i));
      }
    } catch (Exception e) {
      DemoStage.addingFailure(e, () -> open(stage));
      throw e;
    }
    open(stage);
    return new Rush(Rush.await(under), stage.database().reads() - before);
  }

  private static void open(DemoStage stage) throws Exception {
    for (NodeProcess node : stage.nodes()) {
      node.http().open(HOLD);
    }
  }
}
