package io.tidemark;

import io.tidemark.options.OptionRules;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Options of {@link VersionedCache#warm}. Immutable; thread-safe.
 *
 * @param loadsPerSecond how many uncached keys this process takes up per second, 0.01 to 1,000,000
 * @param parallelism how many keys this process loads at once, 1 or more. A {@link BulkSource} is
 *     asked for all of them in one call, or for as many as {@code loadsPerSecond} takes up in a
 *     tenth of a second
 * @param progress a listener that gets the progress: after each key, from one thread at a time.
 *     What it throws ends the warming
 */
public record WarmOptions(double loadsPerSecond, int parallelism, Consumer<WarmReport> progress) {
  private static final WarmOptions DEFAULTS = new WarmOptions(1_000, 8, report -> {});

  /** Refuses a value out of range, naming the option, the value and the rule. */
  public WarmOptions {
    OptionRules.within(0.01, 1_000_000, "loadsPerSecond", loadsPerSecond);
    OptionRules.atLeast(1, "parallelism", parallelism);
    Objects.requireNonNull(progress, "progress");
  }

  /** 1,000 loads a second, 8 at once in this process, and no progress reports. */
  public static WarmOptions defaults() {
    return DEFAULTS;
  }

  /** Sets how many uncached keys this process takes up per second, 0.01 to 1,000,000. */
  public WarmOptions loadsPerSecond(double loadsPerSecond) {
    return new WarmOptions(loadsPerSecond, parallelism, progress);
  }

  /** Sets how many keys this process loads at once, 1 or more. */
  public WarmOptions parallelism(int parallelism) {
    return new WarmOptions(loadsPerSecond, parallelism, progress);
  }

  /** Sets the listener that gets the progress. */
  public WarmOptions onProgress(Consumer<WarmReport> progress) {
    return new WarmOptions(loadsPerSecond, parallelism, progress);
  }
}
