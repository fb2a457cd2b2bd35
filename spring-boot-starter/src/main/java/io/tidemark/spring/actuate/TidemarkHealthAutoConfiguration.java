package io.tidemark.spring.actuate;

import io.tidemark.resilience4j.BreakerStore;
import io.tidemark.spring.BackendProbe;
import io.tidemark.spring.Tidemark;
import io.tidemark.spring.TidemarkAutoConfiguration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The health indicator {@code tidemark}. */
@AutoConfiguration(after = TidemarkAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(Tidemark.class)
public class TidemarkHealthAutoConfiguration {

  @Bean
  @ConditionalOnEnabledHealthIndicator("tidemark")
  @ConditionalOnMissingBean(name = "tidemarkHealthIndicator")
  TidemarkHealthIndicator tidemarkHealthIndicator(
      Tidemark tidemark, BackendProbe probe, ObjectProvider<BreakerState> breaker) {
    return new TidemarkHealthIndicator(tidemark, probe, breaker.getIfAvailable());
  }

  /** What a breaker around the store adds. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(BreakerStore.class)
  static class Breaker {
    @Bean
    @ConditionalOnBean(BreakerStore.class)
    BreakerState tidemarkBreakerState(BreakerStore store) {
      return () -> store.circuitBreaker().getState().name();
    }
  }

  /** The state of the breaker around the store, by its name in Resilience4j. */
  interface BreakerState {
    String get();
  }
}
