package io.tidemark.spring.redis;

import io.tidemark.redis.RedisLocks;
import io.tidemark.redis.RedisLocksBuilder;
import io.tidemark.redis.RedisStore;
import io.tidemark.redis.RedisStoreBuilder;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotStore;
import io.tidemark.spring.failure.PropertyRules;
import io.tidemark.spring.failure.SetupException;
import io.tidemark.spring.properties.RedisProperties;
import io.tidemark.spring.properties.TidemarkProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.DataRedisProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import redis.clients.jedis.UnifiedJedis;

/**
 * The store and the locks in Redis, and a Jedis client for them, unless the application has them.
 */
@AutoConfiguration(
    afterName = "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration")
@ConditionalOnClass({UnifiedJedis.class, RedisStore.class})
@EnableConfigurationProperties(TidemarkProperties.class)
public class TidemarkRedisAutoConfiguration {

  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  @Conditional(ClientNeeded.class)
  UnifiedJedis tidemarkJedis(
      TidemarkProperties properties,
      ObjectProvider<RedisAddress> bootAddress,
      ObjectProvider<SslBundles> bundles,
      Environment environment) {
    RedisAddress address =
        new OwnAddress(properties.redis(), bundles.getIfAvailable())
            .find()
            .orElseGet(() -> bootAddress.getIfAvailable(TidemarkRedisAutoConfiguration::missing));
    boolean jmx = environment.getProperty("spring.jmx.enabled", Boolean.class, false);
    return new JedisClients(properties.redis(), jmx).create(address);
  }

  @Bean
  @ConditionalOnMissingBean(SlotStore.class)
  @ConditionalOnProperty(name = "tidemark.store", havingValue = "redis", matchIfMissing = true)
  RedisStore tidemarkStore(TidemarkProperties properties, UnifiedJedis jedis) {
    RedisStoreBuilder store = RedisStore.builder(jedis).failover(properties.redis().failover());
    PropertyRules.use("tidemark.writer", properties.writer(), store::writer);
    return store.build();
  }

  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean(LockProvider.class)
  @ConditionalOnProperty(name = "tidemark.locks", havingValue = "redis")
  RedisLocks tidemarkLocks(TidemarkProperties properties, UnifiedJedis jedis) {
    RedisLocksBuilder<RedisLocks> locks = RedisLocks.builder(jedis);
    RedisProperties.Lock options = properties.redis().lock();
    PropertyRules.use("tidemark.redis.lock.life", options.life(), locks::life);
    PropertyRules.use(
        "tidemark.redis.lock.poll-interval", options.pollInterval(), locks::pollInterval);
    return locks.build();
  }

  private static RedisAddress missing() {
    throw new SetupException(
        "The slots of the caches are in Redis, and no property says where it is.",
        "Set tidemark.redis.url, such as redis://localhost:6379, or tidemark.redis.host,"
            + " cluster.nodes or sentinel.nodes; or define a bean of the type UnifiedJedis. In a test"
            + " without Redis, set tidemark.store=memory and tidemark.locks=local.");
  }

  /** What Spring Boot knows about Redis, if the application has Spring Data Redis. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(DataRedisConnectionDetails.class)
  static class SpringDataRedis {
    @Bean
    @Lazy
    @ConditionalOnBean(DataRedisConnectionDetails.class)
    RedisAddress tidemarkBootAddress(
        DataRedisConnectionDetails details, DataRedisProperties properties) {
      return new BootAddress(details, properties).get();
    }
  }

  /** Whether the store or the locks are ours and in Redis. */
  static final class ClientNeeded extends AnyNestedCondition {
    ClientNeeded() {
      super(ConfigurationPhase.REGISTER_BEAN);
    }

    @ConditionalOnMissingBean(SlotStore.class)
    @ConditionalOnProperty(name = "tidemark.store", havingValue = "redis", matchIfMissing = true)
    static final class ForTheStore {}

    @ConditionalOnMissingBean(LockProvider.class)
    @ConditionalOnProperty(name = "tidemark.locks", havingValue = "redis")
    static final class ForTheLocks {}
  }
}
