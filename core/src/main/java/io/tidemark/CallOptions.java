package io.tidemark;

import io.tidemark.options.OptionRules;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Overrides options of a cache for single calls; see {@link VersionedCache#with}. An option that is
 * not set keeps the value of the cache. Immutable; thread-safe.
 *
 * <p>Concurrent callers in one process share one load of a key. Each has its own deadline and
 * policies; claim life and maximum load time are those of the call that started the load.
 */
public final class CallOptions {
  private static final CallOptions NONE = new CallOptions(null, null, null, null, null);

  private final @Nullable LoadProfile profile;
  private final @Nullable Duration deadline;
  private final @Nullable Duration softTimeout;
  private final @Nullable FallbackPolicy fallback;
  private final @Nullable LoadFailurePolicy onLoadFailure;

  private CallOptions(
      @Nullable LoadProfile profile,
      @Nullable Duration deadline,
      @Nullable Duration softTimeout,
      @Nullable FallbackPolicy fallback,
      @Nullable LoadFailurePolicy onLoadFailure) {
    this.profile = profile;
    this.deadline = deadline;
    this.softTimeout = softTimeout;
    this.fallback = fallback;
    this.onLoadFailure = onLoadFailure;
  }

  /** Options that override nothing yet. */
  public static CallOptions none() {
    return NONE;
  }

  /** Overrides the claim life, the deadline and the maximum load time. */
  public CallOptions profile(LoadProfile profile) {
    Objects.requireNonNull(profile, "profile");
    return new CallOptions(profile, deadline, softTimeout, fallback, onLoadFailure);
  }

  /**
   * Overrides {@link CacheBuilder#deadline}, and the deadline of a profile; 1 ms or more. With
   * another deadline than the cache's, {@link CacheBuilder#waitLimit} is 80 % of it.
   */
  public CallOptions deadline(Duration deadline) {
    OptionRules.positive("deadline", deadline);
    return new CallOptions(profile, deadline, softTimeout, fallback, onLoadFailure);
  }

  /** Overrides {@link CacheBuilder#softTimeout}; 1 ms or more. */
  public CallOptions softTimeout(Duration softTimeout) {
    OptionRules.positive("softTimeout", softTimeout);
    return new CallOptions(profile, deadline, softTimeout, fallback, onLoadFailure);
  }

  /** Overrides {@link CacheBuilder#onFallback}. */
  public CallOptions onFallback(FallbackPolicy policy) {
    Objects.requireNonNull(policy, "onFallback");
    return new CallOptions(profile, deadline, softTimeout, policy, onLoadFailure);
  }

  /** Overrides {@link CacheBuilder#onLoadFailure}. */
  public CallOptions onLoadFailure(LoadFailurePolicy policy) {
    Objects.requireNonNull(policy, "onLoadFailure");
    return new CallOptions(profile, deadline, softTimeout, fallback, policy);
  }

  /** The load profile, if set. */
  public Optional<LoadProfile> profile() {
    return Optional.ofNullable(profile);
  }

  /** The deadline, if set other than by a profile. */
  public Optional<Duration> deadline() {
    return Optional.ofNullable(deadline);
  }

  /** The soft timeout, if set. */
  public Optional<Duration> softTimeout() {
    return Optional.ofNullable(softTimeout);
  }

  /** The fallback policy, if set. */
  public Optional<FallbackPolicy> onFallback() {
    return Optional.ofNullable(fallback);
  }

  /** The policy for failed loads, if set. */
  public Optional<LoadFailurePolicy> onLoadFailure() {
    return Optional.ofNullable(onLoadFailure);
  }

  /** The options; null for those that are not set. */
  @Override
  public String toString() {
    return "CallOptions[profile=%s, deadline=%s, softTimeout=%s, onFallback=%s, onLoadFailure=%s]"
        .formatted(profile, deadline, softTimeout, fallback, onLoadFailure);
  }
}
