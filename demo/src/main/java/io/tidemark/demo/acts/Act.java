package io.tidemark.demo.acts;

/** One scene of the demo. */
interface Act {
  /** Which servers an act needs. */
  enum Setting {
    /** Either of the two. */
    ANY,
    /** One ZooKeeper, one Redis, one PostgreSQL. */
    SINGLE_SERVERS,
    /** An ensemble and a Redis Cluster. */
    FLEET
  }

  /** What the command line calls it: short, and never changed. */
  String name();

  /** What it is called. */
  String title();

  /** What is seen if it ends as promised, as a sentence. */
  String promise();

  /** What it is played on. */
  default Setting setting() {
    return Setting.ANY;
  }

  /**
   * Plays it, and notes what was done, what was seen, and which expectations did not hold. Leaves
   * every process of the fleet running, and none that it started beside it.
   */
  void play(DemoStage stage, Notes notes) throws Exception;
}
