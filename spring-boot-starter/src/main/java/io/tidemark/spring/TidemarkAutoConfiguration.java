package io.tidemark.spring;

import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotStore;
import io.tidemark.spring.failure.PropertyRules;
import io.tidemark.spring.failure.SetupException;
import io.tidemark.spring.properties.CacheOptions;
import io.tidemark.spring.properties.DurationUnits;
import io.tidemark.spring.properties.TidemarkProperties;
import io.tidemark.spring.redis.TidemarkRedisAutoConfiguration;
import io.tidemark.spring.zookeeper.TidemarkZooKeeperAutoConfiguration;
import java.util.Locale;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** The bean that hands out builders, and a store and locks without servers for tests. */
@AutoConfiguration(
    after = {TidemarkRedisAutoConfiguration.class, TidemarkZooKeeperAutoConfiguration.class})
@EnableConfigurationProperties(TidemarkProperties.class)
public class TidemarkAutoConfiguration {

  /** Static, since it is made before any properties are bound. */
  @Bean
  static DurationUnits tidemarkDurationUnits(Environment environment) {
    return new DurationUnits(environment);
  }

  @Bean
  @ConditionalOnMissingBean(SlotStore.class)
  @ConditionalOnProperty(name = "tidemark.store", havingValue = "memory")
  InMemoryStore tidemarkStore(TidemarkProperties properties) {
    InMemoryStore store = InMemoryStore.create();
    String writer = properties.writer();
    return writer == null ? store : PropertyRules.make("tidemark.writer", writer, store::as);
  }

  @Bean
  @ConditionalOnMissingBean(LockProvider.class)
  @ConditionalOnProperty(name = "tidemark.locks", havingValue = "local")
  LocalLocks tidemarkLocks() {
    return LocalLocks.create();
  }

  /** The properties come first: a wrong one is told before what is missing because of it. */
  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  Tidemark tidemark(
      TidemarkProperties properties,
      ObjectProvider<SlotStore> stores,
      ObjectProvider<LockProvider> locks,
      ObjectProvider<CacheBuilderCustomizer> customizers) {
    CacheOptions options = new CacheOptions(properties);
    SlotStore store = stores.getIfAvailable();
    if (store == null) {
      throw missing("store", properties.store(), "tidemark-redis-store");
    }
    LockProvider provider = locks.getIfAvailable();
    if (provider == null) {
      boolean inRedis = properties.locks() == TidemarkProperties.Locks.REDIS;
      throw missing(
          "locks", properties.locks(), inRedis ? "tidemark-redis-store" : "tidemark-zk-lock");
    }
    return new Tidemark(options, store, provider, customizers.orderedStream().toList());
  }

  @Bean(destroyMethod = "close")
  BackendProbe tidemarkBackendProbe(TidemarkProperties properties, Tidemark tidemark) {
    return new BackendProbe(tidemark.store(), tidemark.locks(), properties.healthTimeout());
  }

  @Bean
  TidemarkStartup tidemarkStartup(
      TidemarkProperties properties,
      Tidemark tidemark,
      BackendProbe probe,
      ConfigurableListableBeanFactory beans,
      Environment environment) {
    return new TidemarkStartup(properties, tidemark, probe, beans, environment);
  }

  private static SetupException missing(String property, Enum<?> value, String artifact) {
    String chosen = value.name().toLowerCase(Locale.ROOT);
    return new SetupException(
        "tidemark.%s is %s, and what it needs is not on the class path."
            .formatted(property, chosen),
        "Add the dependency io.tidemark:%s, or choose another value of tidemark.%s."
            .formatted(artifact, property));
  }
}
