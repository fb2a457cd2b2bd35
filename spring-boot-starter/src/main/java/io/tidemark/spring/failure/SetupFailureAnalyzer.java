package io.tidemark.spring.failure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints a {@link SetupException}. */
final class SetupFailureAnalyzer extends AbstractFailureAnalyzer<SetupException> {
  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, SetupException cause) {
    return new FailureAnalysis(cause.problem(), cause.action(), cause);
  }
}
