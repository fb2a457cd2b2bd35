package io.tidemark.spring.failure;

import io.tidemark.CacheBuilder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Prints what the builder of a cache refused: options that contradict each other, or set twice. */
final class BuilderFailureAnalyzer implements FailureAnalyzer {
  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    Throwable cause = failure;
    while (cause != null && !isOfBuilder(cause)) {
      cause = cause.getCause();
    }
    return cause == null
        ? null
        : new FailureAnalysis(
            "A cache cannot be built: " + cause.getMessage() + '.',
            "Correct the option where the cache is built, or in the properties"
                + " tidemark.caches.<name>.* and tidemark.defaults.*: an option may be set in one of"
                + " these places.",
            cause);
  }

  private static boolean isOfBuilder(Throwable cause) {
    return (cause instanceof IllegalArgumentException || cause instanceof IllegalStateException)
        && Arrays.stream(cause.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals(CacheBuilder.class.getName()));
  }
}
