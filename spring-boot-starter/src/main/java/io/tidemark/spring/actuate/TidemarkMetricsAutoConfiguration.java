package io.tidemark.spring.actuate;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemark.micrometer.TidemarkMetrics;
import io.tidemark.spring.CacheBuilderCustomizer;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The meters of all caches, which Spring Boot binds to the registries of the application. */
@AutoConfiguration(
    afterName =
        "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass({MeterRegistry.class, TidemarkMetrics.class})
@ConditionalOnBean(MeterRegistry.class)
public class TidemarkMetricsAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  TidemarkMetrics tidemarkMetrics() {
    return TidemarkMetrics.create();
  }

  @Bean
  CacheBuilderCustomizer tidemarkMetricsCustomizer(TidemarkMetrics metrics) {
    return (name, builder) -> builder.listener(metrics);
  }
}
