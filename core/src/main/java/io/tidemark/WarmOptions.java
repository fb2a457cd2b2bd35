package io.tidemark;

import io.tidemark.options.OptionRules;
import java.util.Objects;
import java.util.function.Consumer;

/** How {@link VersionedCache#warm} goes about it. Immutable; thread-safe. */
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

  /** 1,000 loads a second by 8 at once in this process, and nobody is told. */
  public static WarmOptions defaults() {
    return DEFAULTS;
  }

  /** With another rate of this process: how many keys that are not cached it takes up a second. */
  public WarmOptions loadsPerSecond(double loadsPerSecond) {
    return new WarmOptions(
        OptionRules.within(0.01, 1_000_000, "loadsPerSecond", loadsPerSecond),
        parallelism,
        progress);
  }

  /** With another number of keys that are loaded at once, 1 or more. */
  public WarmOptions parallelism(int parallelism) {
    return new WarmOptions(
        loadsPerSecond, OptionRules.atLeast(1, "parallelism", parallelism), progress);
  }

  /**
   * With somebody who is told how far it is: after each key, by one thread at a time. What it
   * throws ends the warming.
   */
  public WarmOptions onProgress(Consumer<WarmReport> progress) {
    return new WarmOptions(
        loadsPerSecond, parallelism, Objects.requireNonNull(progress, "progress"));
  }

  /** How many keys that are not cached this process takes up a second. */
  public double loadsPerSecond() {
    return loadsPerSecond;
  }

  /** How many keys are loaded at once. */
  public int parallelism() {
    return parallelism;
  }

  /** What is told how far it is. */
  public Consumer<WarmReport> progress() {
    return progress;
  }
}
