package io.tidemark;

import io.tidemark.options.OptionRules;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is different for some calls than for the rest of their cache; see {@link
 * VersionedCache#with}. What is not set is as the cache has it. Immutable; thread-safe.
 *
 * <p>Callers of a process that ask for a key at once share one load. Each has its own deadline and
 * policies; the claim's life and the load's bound are those of the call that started the load.
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

  /** Options that change nothing yet. */
  public static CallOptions none() {
    return NONE;
  }

  /** With another claim life, deadline and bound for loads. */
  public CallOptions profile(LoadProfile profile) {
    Objects.requireNonNull(profile, "profile");
    return new CallOptions(profile, deadline, softTimeout, fallback, onLoadFailure);
  }

  /** With another {@link CacheBuilder#deadline}, also than the profile's; 1 ms or more. */
  public CallOptions deadline(Duration deadline) {
    OptionRules.positive("deadline", deadline);
    return new CallOptions(profile, deadline, softTimeout, fallback, onLoadFailure);
  }

  /** With another {@link CacheBuilder#softTimeout}; 1 ms or more. */
  public CallOptions softTimeout(Duration softTimeout) {
    OptionRules.positive("softTimeout", softTimeout);
    return new CallOptions(profile, deadline, softTimeout, fallback, onLoadFailure);
  }

  /** With another {@link CacheBuilder#onFallback}. */
  public CallOptions onFallback(FallbackPolicy policy) {
    Objects.requireNonNull(policy, "onFallback");
    return new CallOptions(profile, deadline, softTimeout, policy, onLoadFailure);
  }

  /** With another {@link CacheBuilder#onLoadFailure}. */
  public CallOptions onLoadFailure(LoadFailurePolicy policy) {
    Objects.requireNonNull(policy, "onLoadFailure");
    return new CallOptions(profile, deadline, softTimeout, fallback, policy);
  }

  /** The profile of these calls, if it is set. */
  public Optional<LoadProfile> profile() {
    return Optional.ofNullable(profile);
  }

  /** The deadline of these calls, if it is set apart from a profile. */
  public Optional<Duration> deadline() {
    return Optional.ofNullable(deadline);
  }

  /** The soft timeout of these calls, if it is set. */
  public Optional<Duration> softTimeout() {
    return Optional.ofNullable(softTimeout);
  }

  /** The fallback policy of these calls, if it is set. */
  public Optional<FallbackPolicy> onFallback() {
    return Optional.ofNullable(fallback);
  }

  /** The policy of these calls for failed loads, if it is set. */
  public Optional<LoadFailurePolicy> onLoadFailure() {
    return Optional.ofNullable(onLoadFailure);
  }
}
