package io.tidemark.spring.cache;

import io.tidemark.spring.TidemarkAutoConfiguration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.support.SimpleCacheManager;
import org.springframework.context.annotation.Bean;

/**
 * The {@link CacheManager} of an application that has a bean {@link TidemarkCache}. It knows all
 * beans of the type {@link Cache}, and no cache of another name. It backs off where the application
 * has a {@link CacheManager} or a bean {@code cacheResolver}, and where {@code spring.cache.type}
 * is not {@code generic}, Spring Boot's word for beans of the type {@link Cache}.
 */
@AutoConfiguration(
    after = TidemarkAutoConfiguration.class,
    beforeName = "org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration")
@ConditionalOnBean(TidemarkCache.class)
@ConditionalOnMissingBean(value = CacheManager.class, name = "cacheResolver")
@ConditionalOnProperty(name = "spring.cache.type", havingValue = "generic", matchIfMissing = true)
public class TidemarkCachingAutoConfiguration {

  @Bean
  CacheManager cacheManager(ObjectProvider<Cache> caches) {
    SimpleCacheManager manager = new SimpleCacheManager();
    manager.setCaches(caches.orderedStream().toList());
    return manager;
  }
}
