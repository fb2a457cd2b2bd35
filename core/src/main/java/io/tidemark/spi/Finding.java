package io.tidemark.spi;

/**
 * Something in the set-up of a store or a lock service that its operator should know. Immutable.
 *
 * @param severity what it puts at risk
 * @param subject what it is about, such as {@code Redis maxmemory-policy}
 * @param problem how it is set up, and what follows from that
 * @param advice what to do about it
 */
public record Finding(Severity severity, String subject, String problem, String advice) {

  /** What a finding puts at risk. */
  public enum Severity {
    /**
     * The cache works less well than it could, or a documented limit is closer than it has to be.
     */
    WARNING,
    /** A promise of the cache would not hold, or nothing would be cached. */
    ERROR
  }

  /** Creates a finding of {@link Severity#WARNING}. */
  public static Finding warning(String subject, String problem, String advice) {
    return new Finding(Severity.WARNING, subject, problem, advice);
  }

  /** Creates a finding of {@link Severity#ERROR}. */
  public static Finding error(String subject, String problem, String advice) {
    return new Finding(Severity.ERROR, subject, problem, advice);
  }

  @Override
  public String toString() {
    return subject + ": " + problem + "; " + advice;
  }
}
