package io.tidemark.demo.acts;

/** One scene of the demo. */
interface Act {
  /** What it is called. */
  String title();

  /** What is seen if it ends as promised, as a sentence. */
  String promise();

  /**
   * Plays it, and notes what was done, what was seen, and which expectations did not hold. Leaves
   * every process running that it did not kill.
   */
  void play(DemoStage stage, Notes notes) throws Exception;
}
