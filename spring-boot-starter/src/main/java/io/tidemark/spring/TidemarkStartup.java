package io.tidemark.spring;

import io.tidemark.UnsafeSetupException;
import io.tidemark.VersionedCache;
import io.tidemark.spring.cache.TidemarkCache;
import io.tidemark.spring.failure.SetupException;
import io.tidemark.spring.properties.TidemarkProperties;
import io.tidemark.spring.properties.TidemarkProperties.CheckOnStart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.env.Environment;

/**
 * Checks, once all beans are made and before the web server accepts requests, that every cache with
 * properties was built, and what {@code tidemark.check-on-start} asks for.
 *
 * <p>It does nothing at the end. The web server's own phases let it finish its requests first; then
 * beans are destroyed, each before those it depends on: what uses a cache, the cache, {@link
 * Tidemark}, the locks and the store, their clients.
 */
final class TidemarkStartup implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(TidemarkStartup.class);

  /** Before the web server's, which are 1024 and 2048 below the default. */
  private static final int PHASE = DEFAULT_PHASE - 4096;

  private final TidemarkProperties properties;
  private final Tidemark tidemark;
  private final BackendProbe probe;
  private final ConfigurableListableBeanFactory beans;
  private final Environment environment;
  private volatile boolean running;

  TidemarkStartup(
      TidemarkProperties properties,
      Tidemark tidemark,
      BackendProbe probe,
      ConfigurableListableBeanFactory beans,
      Environment environment) {
    this.properties = properties;
    this.tidemark = tidemark;
    this.probe = probe;
    this.beans = beans;
    this.environment = environment;
  }

  @Override
  public void start() {
    if (!someCacheIsLazy()) {
      checkNames();
    }
    if (properties.checkOnStart() != CheckOnStart.OFF) {
      check();
    }
    running = true;
  }

  @Override
  public void stop() {
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }

  /** Whether a cache may be built later. */
  private boolean someCacheIsLazy() {
    return environment.getProperty("spring.main.lazy-initialization", Boolean.class, false)
        || Stream.of(VersionedCache.class, TidemarkCache.class)
            .flatMap(type -> Arrays.stream(beans.getBeanNamesForType(type, true, false)))
            .anyMatch(name -> !beans.containsSingleton(name));
  }

  private void checkNames() {
    Set<String> unused = new TreeSet<>(properties.caches().keySet());
    List<String> built = tidemark.caches().stream().map(VersionedCache::name).toList();
    built.forEach(unused::remove);
    if (!unused.isEmpty()) {
      throw new SetupException(
          "There are properties below tidemark.caches for %s, and the application builds no cache of that name; it builds %s."
              .formatted(unused, built.isEmpty() ? "none" : built),
          "Correct the name, remove the properties, or build the cache with Tidemark.cache(name, …)"
              + " in a bean that is made at start.");
    }
  }

  private void check() {
    List<String> problems = new ArrayList<>();
    boolean hasFindings = false;
    for (VersionedCache<?, ?> cache : tidemark.caches()) {
      try {
        // The cache logs what it finds.
        hasFindings |= !cache.check().isEmpty();
      } catch (UnsafeSetupException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    unanswered("the store " + tidemark.store(), probe::storeFailure).ifPresent(problems::add);
    unanswered("the locks " + tidemark.locks(), probe::locksFailure).ifPresent(problems::add);
    if (problems.isEmpty()) {
      if (!hasFindings) {
        LOG.info(
            "The store, the locks and the caches {} were checked, nothing found",
            tidemark.caches().stream().map(VersionedCache::name).toList());
      }
      return;
    }
    if (properties.checkOnStart() == CheckOnStart.FAIL) {
      throw new SetupException(
          "The check of tidemark.check-on-start=fail found:\n\n    "
              + String.join("\n    ", problems),
          "Correct the set-up; or set tidemark.check-on-start to warn, or to off, which needs no"
              + " server at start.");
    }
    problems.forEach(problem -> LOG.warn("{}", problem));
  }

  private static Optional<String> unanswered(String backend, Question question) {
    try {
      return question.ask().map(reason -> "%s does not answer: %s".formatted(backend, reason));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(backend + " was not asked: the start was interrupted");
    }
  }

  private interface Question {
    Optional<String> ask() throws InterruptedException;
  }
}
