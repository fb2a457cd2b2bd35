package io.tidemark.spring;

import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.spring.redis.TidemarkRedisAutoConfiguration;
import io.tidemark.spring.zookeeper.TidemarkZooKeeperAutoConfiguration;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;

/** Contexts with this module's auto-configuration, as Spring Boot would start them. */
public final class Contexts {
  private static final ThreadLocal<Environment> ENVIRONMENT = new ThreadLocal<>();

  private Contexts() {}

  /** Without properties, and without Spring Data Redis. */
  public static ApplicationContextRunner bare() {
    return new ApplicationContextRunner()
        .withInitializer(context -> ENVIRONMENT.set(context.getEnvironment()))
        .withConfiguration(
            AutoConfigurations.of(
                SslAutoConfiguration.class,
                TidemarkAutoConfiguration.class,
                TidemarkRedisAutoConfiguration.class,
                TidemarkZooKeeperAutoConfiguration.class));
  }

  /** With a store and locks that need no server. */
  public static ApplicationContextRunner local() {
    return bare().withPropertyValues("tidemark.store=memory", "tidemark.locks=local");
  }

  /** With Spring Boot's own connection to Redis. */
  public static ApplicationContextRunner withSpringData() {
    return bare().withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class));
  }

  /**
   * What Spring Boot prints for a failure of this thread's last context: the first analysis of all
   * registered analyzers.
   */
  public static FailureAnalysis analysis(@Nullable Throwable startFailure) {
    Throwable failure = Objects.requireNonNull(startFailure, "it started");
    return StreamSupport.stream(analyzers().spliterator(), false)
        .map(analyzer -> analyzer.analyze(failure))
        .filter(Objects::nonNull)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no analyzer knows it", failure));
  }

  private static List<FailureAnalyzer> analyzers() {
    return SpringFactoriesLoader.forDefaultResourceLocation(Contexts.class.getClassLoader())
        .load(
            FailureAnalyzer.class,
            ArgumentResolver.of(Environment.class, ENVIRONMENT.get())
                .and(BeanFactory.class, new DefaultListableBeanFactory()),
            FailureHandler.logging(LogFactory.getLog(Contexts.class)));
  }

  /** An application with one cache. */
  @Configuration(proxyBeanMethods = false)
  public static class Products {
    @Bean
    VersionedCache<Long, Product> products(Tidemark tidemark) {
      return tidemark
          .cache("products", Long.class, Product.class)
          .source(key -> Row.present(new Product(key, "Laptop"), 1))
          .build();
    }
  }

  public record Product(long id, String name) {}
}
