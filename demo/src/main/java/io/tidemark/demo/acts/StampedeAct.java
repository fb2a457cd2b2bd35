package io.tidemark.demo.acts;

/** Act 1: what happens without protection. */
final class StampedeAct implements Act {
  private static final long PRODUCT = 1;
  private static final long MOST_READS_NEEDED = 50;

  @Override
  public String title() {
    return "Stampede";
  }

  @Override
  public String promise() {
    return "without protection a cold key sends its callers to the database";
  }

  @Override
  public void play(Stage stage, Notes notes) throws Exception {
    Rush rush =
        Rush.run(stage, stage.nodes(), PRODUCT, NodeClient.Mode.UNPROTECTED, Stage.DB_LATENCY);
    notes.did(
        "%d callers in %d processes asked for a product that was not in the cache. Each looked into Redis, found nothing, and read the database, which takes %d ms."
            .formatted(rush.callers(), stage.nodes().size(), Stage.DB_LATENCY.toMillis()));
    notes.figure("callers", rush.callers());
    notes.figure("database reads", rush.reads());
    // A large fleet on a small machine comes in waves, and the later ones find what is cached.
    long least = Math.min(rush.callers() / 2, MOST_READS_NEEDED);
    notes.expect(
        rush.reads() >= least,
        "the database counted %d reads, not %d or more".formatted(rush.reads(), least));
    notes.expect(rush.errors() == 0, "%d callers got an error".formatted(rush.errors()));
  }
}
