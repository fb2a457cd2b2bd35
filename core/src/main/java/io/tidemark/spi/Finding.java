package io.tidemark.spi;

/**
 * Something in the set-up of a store or a lock service that its operator should know. Immutable.
 *
 * @param severity what it puts at risk
 * @param subject what it is about, such as {@code Redis maxmemory-policy}
 * @param problem how it is set up, and what comes of that
 * @param advice what to do about it
 */
public record Finding(Severity severity, String subject, String problem, String advice) {

  /** What a finding puts at risk. */
  public enum Severity {
    /**
     * The cache works worse than it could, or a limit that is documented is nearer than need be.
     */
    WARNING,
    /** A promise of the cache would be false, or nothing would be cached. */
    ERROR
  }

  /** A finding that costs something. */
  public static Finding warning(String subject, String problem, String advice) {
    return new Finding(Severity.WARNING, subject, problem, advice);
  }

  /** A finding that makes a promise false. */
  public static Finding error(String subject, String problem, String advice) {
    return new Finding(Severity.ERROR, subject, problem, advice);
  }

  @Override
  public String toString() {
    return subject + ": " + problem + "; " + advice;
  }
}
