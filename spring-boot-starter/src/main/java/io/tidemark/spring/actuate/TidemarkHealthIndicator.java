package io.tidemark.spring.actuate;

import io.tidemark.spring.BackendProbe;
import io.tidemark.spring.Tidemark;
import io.tidemark.spring.actuate.TidemarkHealthAutoConfiguration.BreakerState;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Up if the store and the locks answer within {@code tidemark.health-timeout} each; otherwise down,
 * with the reason. One read of a slot and one look at a lock; changes nothing. Thread-safe.
 */
final class TidemarkHealthIndicator extends AbstractHealthIndicator {
  private final Tidemark tidemark;
  private final BackendProbe probe;
  private final @Nullable BreakerState breaker;

  TidemarkHealthIndicator(Tidemark tidemark, BackendProbe probe, @Nullable BreakerState breaker) {
    super("Tidemark's health check failed");
    this.tidemark = tidemark;
    this.probe = probe;
    this.breaker = breaker;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) throws InterruptedException {
    health.up();
    add(health, "store", tidemark.store(), probe.storeFailure());
    add(health, "locks", tidemark.locks(), probe.locksFailure());
    if (breaker != null) {
      health.withDetail("breaker", breaker.get());
    }
  }

  private static void add(
      Health.Builder health, String name, Object backend, Optional<String> failure) {
    failure.ifPresent(reason -> health.down());
    health.withDetail(
        name,
        failure
            .map(reason -> "%s does not answer: %s".formatted(backend, reason))
            .orElseGet(backend::toString));
  }
}
