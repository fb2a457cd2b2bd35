package io.tidemark;

import io.tidemark.options.OptionRules;
import java.util.Objects;
import java.util.function.Consumer;

/** Options of {@link VersionedCache#warm}. Immutable; thread-safe. */
public final class WarmOptions {
  private static final WarmOptions DEFAULTS = new WarmOptions(1_000, 8, report -> {});

  private final double loadsPerSecond;
  private final int parallelism;
  private final Consumer<WarmReport> progress;

  private WarmOptions(double loadsPerSecond, int parallelism, Consumer<WarmReport> progress) {
    this.loadsPerSecond = loadsPerSecond;
    this.parallelism = parallelism;
    this.progress = progress;
  }

  /** 1,000 loads a second, 8 at once in this process, and no progress reports. */
  public static WarmOptions defaults() {
    return DEFAULTS;
  }

  /** Sets how many uncached keys this process takes up per second, 0.01 to 1,000,000. */
  public WarmOptions loadsPerSecond(double loadsPerSecond) {
    return new WarmOptions(
        OptionRules.within(0.01, 1_000_000, "loadsPerSecond", loadsPerSecond),
        parallelism,
        progress);
  }

  /** Sets how many keys this process loads at once, 1 or more. */
  public WarmOptions parallelism(int parallelism) {
    return new WarmOptions(
        loadsPerSecond, OptionRules.atLeast(1, "parallelism", parallelism), progress);
  }

  /**
   * Sets a listener that gets the progress: after each key, from one thread at a time. What it
   * throws ends the warming.
   */
  public WarmOptions onProgress(Consumer<WarmReport> progress) {
    return new WarmOptions(
        loadsPerSecond, parallelism, Objects.requireNonNull(progress, "progress"));
  }

  /** How many uncached keys this process takes up per second. */
  public double loadsPerSecond() {
    return loadsPerSecond;
  }

  /** How many keys this process loads at once. */
  public int parallelism() {
    return parallelism;
  }

  /** The listener that gets the progress. */
  public Consumer<WarmReport> progress() {
    return progress;
  }
}
