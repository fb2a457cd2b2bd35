package io.tidemark.spring.properties;

import io.tidemark.CacheBuilder;
import io.tidemark.RefreshAhead;
import io.tidemark.Rollout;
import io.tidemark.VersionedCache;
import io.tidemark.WaitStrategy;
import io.tidemark.spring.failure.PropertyRules;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

/** Sets the options of a cache that its properties name. Immutable. */
public final class CacheOptions {
  private static final String DEFAULTS = "tidemark.defaults";
  private static final String CACHES = "tidemark.caches.";
  private static final String X_FETCH = "x-fetch";

  private static final List<Option<?>> ALL =
      List.of(
          new Option<>("ttl", CacheProperties::ttl, CacheBuilder::ttl),
          new Option<>("negative-ttl", CacheProperties::negativeTtl, CacheBuilder::negativeTtl),
          new Option<>("ttl-jitter", CacheProperties::ttlJitter, CacheBuilder::ttlJitter),
          new Option<>("grace", CacheProperties::grace, CacheBuilder::grace),
          new Option<>(
              "refresh-ahead",
              CacheProperties::refreshAhead,
              (builder, text) -> builder.refreshAhead(refreshAhead(text))),
          new Option<>(
              "rollout",
              CacheProperties::rollout,
              (builder, text) -> builder.rollout(rollout(text))),
          new Option<>(
              "profile",
              CacheProperties::profile,
              (builder, profile) -> builder.profile(profile.loadProfile())),
          new Option<>("deadline", CacheProperties::deadline, CacheBuilder::deadline),
          new Option<>("wait-limit", CacheProperties::waitLimit, CacheBuilder::waitLimit),
          new Option<>("soft-timeout", CacheProperties::softTimeout, CacheBuilder::softTimeout),
          new Option<>("claim-life", CacheProperties::claimLife, CacheBuilder::claimLife),
          new Option<>("max-load-time", CacheProperties::maxLoadTime, CacheBuilder::maxLoadTime),
          new Option<>(
              "wait-strategy",
              CacheProperties::waitStrategy,
              (builder, text) -> builder.waitStrategy(waitStrategy(text))),
          new Option<>(
              "lock-outage-wait", CacheProperties::lockOutageWait, CacheBuilder::lockOutageWait),
          new Option<>("on-fallback", CacheProperties::onFallback, CacheBuilder::onFallback),
          new Option<>(
              "on-load-failure", CacheProperties::onLoadFailure, CacheBuilder::onLoadFailure),
          new Option<>("failure-ttl", CacheProperties::failureTtl, CacheBuilder::failureTtl),
          new Option<>(
              "on-uncacheable", CacheProperties::onUncacheable, CacheBuilder::onUncacheable),
          new Option<>("repair-time", CacheProperties::repairTime, CacheBuilder::repairTime),
          new Option<>("replica-lag", CacheProperties::replicaLag, CacheBuilder::replicaLag),
          new Option<>("max-loads", CacheProperties::maxLoads, CacheBuilder::maxLoads),
          new Option<>(
              "max-async-writes", CacheProperties::maxAsyncWrites, CacheBuilder::maxAsyncWrites),
          new Option<>(
              "max-fallback-loads",
              CacheProperties::maxFallbackLoads,
              CacheBuilder::maxFallbackLoads),
          new Option<>(
              "max-fallback-queue",
              CacheProperties::maxFallbackQueue,
              CacheBuilder::maxFallbackQueue),
          new Option<>("max-hung-loads", CacheProperties::maxHungLoads, CacheBuilder::maxHungLoads),
          new Option<>(
              "max-value-bytes",
              CacheProperties::maxValueBytes,
              (builder, size) -> builder.maxValueBytes(bytes(size))));

  private final TidemarkProperties properties;

  /**
   * Checks every option, whether or not a cache of its name is ever built.
   *
   * @throws InvalidConfigurationPropertyValueException if one is out of range; it says the
   *     property, the value and the rule
   */
  public CacheOptions(TidemarkProperties properties) {
    this.properties = properties;
    ALL.forEach(option -> option.apply(scratch(), DEFAULTS, properties.defaults()));
    properties
        .caches()
        .forEach((name, own) -> ALL.forEach(option -> option.apply(scratch(), CACHES + name, own)));
  }

  /** Sets the options of a cache that have a property of its own or a default. */
  public void applyTo(CacheBuilder<?, ?> builder, String name) {
    CacheProperties own = properties.caches().get(name);
    for (Option<?> option : ALL) {
      if (own == null || !option.apply(builder, CACHES + name, own)) {
        option.apply(builder, DEFAULTS, properties.defaults());
      }
    }
  }

  private static CacheBuilder<?, ?> scratch() {
    return VersionedCache.builder("options");
  }

  private static RefreshAhead refreshAhead(String text) {
    if (text.equals(X_FETCH)) {
      return RefreshAhead.xFetch();
    }
    try {
      return text.startsWith(X_FETCH + ":")
          ? RefreshAhead.xFetch(Double.parseDouble(text.substring(X_FETCH.length() + 1)))
          : RefreshAhead.afterFraction(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "it must be x-fetch, x-fetch:<beta>, or a part of the time to live such as 0.8", e);
    }
  }

  private static Rollout rollout(String text) {
    // In YAML, an on without quotes is a true.
    return text.equals("true") ? Rollout.on() : Rollout.parse(text);
  }

  private static WaitStrategy waitStrategy(String text) {
    if (text.equals("event-driven")) {
      return WaitStrategy.eventDriven();
    }
    if (text.equals("exponential-backoff")) {
      return WaitStrategy.exponentialBackoff();
    }
    Duration interval;
    try {
      interval = DurationStyle.detectAndParse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "it must be event-driven, exponential-backoff, or an interval such as 200ms", e);
    }
    DurationUnits.checkUnit(text);
    return WaitStrategy.fixedInterval(interval);
  }

  private static int bytes(DataSize size) {
    if (size.toBytes() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("it must be at most " + Integer.MAX_VALUE + " bytes");
    }
    return (int) size.toBytes();
  }

  private record Option<T>(
      String name,
      Function<CacheProperties, @Nullable T> value,
      BiConsumer<CacheBuilder<?, ?>, T> setter) {

    /** Sets the option if it has a value, and says whether it has. */
    boolean apply(CacheBuilder<?, ?> builder, String prefix, CacheProperties from) {
      T given = value.apply(from);
      if (given == null) {
        return false;
      }
      PropertyRules.use(prefix + '.' + name, given, option -> setter.accept(builder, option));
      return true;
    }
  }
}
