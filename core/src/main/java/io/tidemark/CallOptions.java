package io.tidemark;

import io.tidemark.options.OptionRules;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Overrides options of a cache for single calls; see {@link VersionedCache#with}. An option that is
 * not set keeps the value of the cache. Immutable; thread-safe.
 *
 * <p>Concurrent callers in one process share one load of a key. Each has its own deadline and
 * policies; claim life and maximum load time are those of the call that started the load.
 *
 * @param profile overrides the claim life, the deadline and the maximum load time
 * @param deadline overrides {@link CacheBuilder#deadline} and that of a profile; 1 ms or more
 * @param softTimeout overrides {@link CacheBuilder#softTimeout}; 1 ms or more
 * @param onFallback overrides {@link CacheBuilder#onFallback}
 * @param onLoadFailure overrides {@link CacheBuilder#onLoadFailure}
 */
public record CallOptions(
    Optional<LoadProfile> profile,
    Optional<Duration> deadline,
    Optional<Duration> softTimeout,
    Optional<FallbackPolicy> onFallback,
    Optional<LoadFailurePolicy> onLoadFailure) {
  private static final CallOptions NONE =
      new CallOptions(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /** Refuses a time out of range, naming the option, the value and the rule. */
  public CallOptions {
    deadline.ifPresent(time -> OptionRules.positive("deadline", time));
    softTimeout.ifPresent(time -> OptionRules.positive("softTimeout", time));
  }

  /** Options that override nothing yet. */
  public static CallOptions none() {
    return NONE;
  }

  /** Overrides the claim life, the deadline and the maximum load time. */
  public CallOptions profile(LoadProfile profile) {
    return new CallOptions(
        of("profile", profile), deadline, softTimeout, onFallback, onLoadFailure);
  }

  /**
   * Overrides {@link CacheBuilder#deadline}, and the deadline of a profile; 1 ms or more. With
   * another deadline than the cache's, {@link CacheBuilder#waitLimit} is 80 % of it.
   */
  public CallOptions deadline(Duration deadline) {
    return new CallOptions(
        profile, of("deadline", deadline), softTimeout, onFallback, onLoadFailure);
  }

  /** Overrides {@link CacheBuilder#softTimeout}; 1 ms or more. */
  public CallOptions softTimeout(Duration softTimeout) {
    return new CallOptions(
        profile, deadline, of("softTimeout", softTimeout), onFallback, onLoadFailure);
  }

  /** Overrides {@link CacheBuilder#onFallback}. */
  public CallOptions onFallback(FallbackPolicy policy) {
    return new CallOptions(profile, deadline, softTimeout, of("onFallback", policy), onLoadFailure);
  }

  /** Overrides {@link CacheBuilder#onLoadFailure}. */
  public CallOptions onLoadFailure(LoadFailurePolicy policy) {
    return new CallOptions(profile, deadline, softTimeout, onFallback, of("onLoadFailure", policy));
  }

  private static <T> Optional<T> of(String option, T value) {
    return Optional.of(Objects.requireNonNull(value, option));
  }
}
