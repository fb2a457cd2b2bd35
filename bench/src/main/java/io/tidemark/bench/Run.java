package io.tidemark.bench;

/** What is measured at a stretch, once in each round. Immutable. */
sealed interface Run permits JmhRun, ColdKeyRun, MemoryRun, AnswersRun, ZipfRun {
  /** What it is called in tables. */
  String title();
}
