package io.tidemark.spring;

import io.tidemark.CacheBuilder;

/**
 * Changes every builder that {@link Tidemark} hands out: a bean of this type adds a listener to all
 * caches, or sets an option by a rule of the application's own. Called on the thread that asks for
 * the builder, after the properties were applied, in the order of the beans.
 */
@FunctionalInterface
public interface CacheBuilderCustomizer {

  /**
   * Changes one builder.
   *
   * @param name the cache's name
   * @param builder has its store, its locks, its codec, and the options of its properties. An
   *     option may be set once
   */
  void customize(String name, CacheBuilder<?, ?> builder);
}
