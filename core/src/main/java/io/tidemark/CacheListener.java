package io.tidemark;

/**
 * Is told what a cache does, for metrics, traces and logs. One listener may serve many caches.
 *
 * <p>Called by several threads at once, on the thread that does what is told, also on the path of a
 * hit: it must be thread-safe and quick, and must not block. What it throws is logged now and then,
 * and changes nothing.
 */
@FunctionalInterface
public interface CacheListener {

  /** Is told of one event, just after it. */
  void on(CacheEvent event);

  /**
   * Is told that a cache was built that will tell it of its events.
   *
   * @param cache the cache's name
   */
  default void onBuilt(String cache) {}
}
