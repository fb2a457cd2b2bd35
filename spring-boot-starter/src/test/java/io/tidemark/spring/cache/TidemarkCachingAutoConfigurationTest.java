package io.tidemark.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spring.Contexts;
import io.tidemark.spring.Tidemark;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCache;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.cache.interceptor.CacheResolver;
import org.springframework.cache.support.NoOpCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

class TidemarkCachingAutoConfigurationTest {
  private static ApplicationContextRunner contexts() {
    return Contexts.local()
        .withConfiguration(
            AutoConfigurations.of(
                CacheAutoConfiguration.class, TidemarkCachingAutoConfiguration.class));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tidemark.check-on-start=off", "spring.cache.type=generic"})
  void cacheManager_cachesOfTidemark_knowsAllCachesOfTheApplication(String property) {
    contexts()
        .withUserConfiguration(Books.class)
        .withBean(ConcurrentMapCache.class, "colours")
        .withPropertyValues(property)
        .run(
            context -> {
              CacheManager manager = context.getBean(CacheManager.class);
              assertThat(manager.getCacheNames()).containsExactlyInAnyOrder("books", "colours");
              assertThat(manager.getCache("books")).isSameAs(context.getBean(TidemarkCache.class));
              assertThat(manager.getCache("magazines")).isNull();
            });
  }

  @Test
  void cacheManager_withoutSpringBootsOwn_isThere() {
    Contexts.local()
        .withConfiguration(AutoConfigurations.of(TidemarkCachingAutoConfiguration.class))
        .withUserConfiguration(Books.class)
        .run(context -> assertThat(context).hasSingleBean(CacheManager.class));
  }

  @Test
  void cacheManager_noCacheOfTidemark_isSpringBoots() {
    contexts()
        .withUserConfiguration(Caching.class)
        .run(
            context ->
                assertThat(context)
                    .getBean(CacheManager.class)
                    .isInstanceOf(ConcurrentMapCacheManager.class));
  }

  @Test
  void cacheManager_otherTypeInTheProperties_isSpringBoots() {
    contexts()
        .withUserConfiguration(Books.class)
        .withPropertyValues("spring.cache.type=none")
        .run(
            context ->
                assertThat(context)
                    .getBean(CacheManager.class)
                    .isInstanceOf(NoOpCacheManager.class));
  }

  @Test
  void cacheManager_ownManager_backsOff() {
    CacheManager own = new NoOpCacheManager();
    contexts()
        .withUserConfiguration(Books.class)
        .withBean("own", CacheManager.class, () -> own)
        .run(context -> assertThat(context).getBean(CacheManager.class).isSameAs(own));
  }

  @Test
  void cacheManager_ownResolver_backsOff() {
    contexts()
        .withUserConfiguration(LazyBooks.class)
        .withBean(
            "cacheResolver",
            CacheResolver.class,
            () -> {
              throw new AssertionError("not asked for");
            },
            definition -> definition.setLazyInit(true))
        .run(context -> assertThat(context).doesNotHaveBean(CacheManager.class));
  }

  @Test
  void properties_ofACache_areApplied() {
    contexts()
        .withUserConfiguration(Books.class)
        .withPropertyValues("tidemark.caches.books.negative-ttl=0s")
        .run(
            context -> {
              TidemarkCache books = context.getBean(TidemarkCache.class);
              assertThat(books.<Book>get(1L, () -> null)).isNull();
              assertThat(books.get(1L)).isNull();
            });
  }

  @Test
  void properties_ofALazyCache_areNoError() {
    contexts()
        .withUserConfiguration(LazyBooks.class)
        .withPropertyValues("tidemark.caches.books.ttl=1m")
        .run(context -> assertThat(context).hasNotFailed());
  }

  @Test
  void properties_replicaOfMethods_isRefusedAtStart() {
    contexts()
        .withUserConfiguration(Books.class)
        .withPropertyValues("tidemark.caches.books.replica-lag=1s")
        .run(
            context ->
                assertThat(Contexts.analysis(context.getStartupFailure()).getDescription())
                    .startsWith("A cache cannot be built: replicaLag"));
  }

  @Configuration(proxyBeanMethods = false)
  @EnableCaching
  static class Caching {}

  @Configuration(proxyBeanMethods = false)
  @EnableCaching
  static class Books {
    @Bean
    TidemarkCache books(Tidemark tidemark) {
      return TidemarkCache.builder(tidemark, "books", Book.class).build();
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class LazyBooks {
    @Bean
    @Lazy
    TidemarkCache books(Tidemark tidemark) {
      return TidemarkCache.builder(tidemark, "books", Book.class).build();
    }
  }
}
