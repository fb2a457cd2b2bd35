package io.tidemark.spring.failure;

/** The application cannot start as it is set up. */
public final class SetupException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final String problem;
  private final String action;

  /**
   * Takes both parts of the message.
   *
   * @param problem what is wrong, in whole sentences
   * @param action what to do about it, in whole sentences
   */
  public SetupException(String problem, String action) {
    super(problem + ' ' + action);
    this.problem = problem;
    this.action = action;
  }

  /** What is wrong. */
  public String problem() {
    return problem;
  }

  /** What to do about it. */
  public String action() {
    return action;
  }
}
