package io.tidemark.bench.answers;

import io.tidemark.judge.Judge.Verdict;

/**
 * How many calls there were, and what the judge said of the reads.
 *
 * @param reads how many were answered
 * @param old those of them that were {@link Verdict#OLD}
 * @param back those of them that were {@link Verdict#BACK}
 * @param failedReads how many reads have thrown, which is no answer
 * @param writes how many were acknowledged
 * @param failedWrites how many writes have thrown: they may be in the database
 */
public record Counts(
    long reads, long old, long back, long failedReads, long writes, long failedWrites) {
  private static final double MILLION = 1_000_000;
  static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0);

  static Counts ofAnswer(Verdict verdict) {
    return new Counts(1, verdict == Verdict.OLD ? 1 : 0, verdict == Verdict.BACK ? 1 : 0, 0, 0, 0);
  }

  static Counts ofFailure(Call.Kind kind) {
    return kind == Call.Kind.READ ? new Counts(0, 0, 0, 1, 0, 0) : new Counts(0, 0, 0, 0, 0, 1);
  }

  static Counts ofWrite() {
    return new Counts(0, 0, 0, 0, 1, 0);
  }

  Counts plus(Counts more) {
    return new Counts(
        reads + more.reads,
        old + more.old,
        back + more.back,
        failedReads + more.failedReads,
        writes + more.writes,
        failedWrites + more.failedWrites);
  }

  /** Stale answers in a million answers. */
  public double oldPerMillion() {
    return MILLION * old / reads;
  }

  /** Steps back in a million answers. */
  public double backPerMillion() {
    return MILLION * back / reads;
  }

  /** Reads without an answer in a million reads. */
  public double failedPerMillion() {
    return MILLION * failedReads / (reads + failedReads);
  }
}
