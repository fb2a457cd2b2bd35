package io.tidemark.engine;

import io.tidemark.LoadFailurePolicy;
import io.tidemark.UncacheablePolicy;
import java.time.Duration;

/**
 * What a cache does when something fails, beside the {@link Terms} of its calls. Each component is
 * explained at the option of the same name in {@link io.tidemark.CacheBuilder}.
 */
public record Fallbacks(Duration failureTtl, UncacheablePolicy onUncacheable, Duration repairTime) {

  /** How long a failure of the source is remembered by default. */
  public static Duration defaultFailureTtl(LoadFailurePolicy onLoadFailure) {
    return onLoadFailure == LoadFailurePolicy.STALE ? Duration.ofSeconds(1) : Duration.ZERO;
  }
}
