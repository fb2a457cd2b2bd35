package io.tidemark;

/**
 * Receives the events of a cache, for metrics, traces and logs. One listener may serve many caches.
 *
 * <p>Must be thread-safe and quick, and must not block: several threads call it at once, each on
 * the thread that did the work, also on the path of a hit. What it throws is logged now and then
 * and has no other effect.
 */
@FunctionalInterface
public interface CacheListener {

  /** Receives one event, just after it happened. */
  void on(CacheEvent event);

  /**
   * Called when a cache is built that will send its events here.
   *
   * @param cache the cache's name
   */
  default void onBuilt(String cache) {}

  /**
   * Called when a cache has been built, after {@link #onBuilt}, and whenever {@link
   * VersionedCache#switchTo} has changed it since. Changes are told one after the other, in their
   * order. A listener may switch the cache itself; that is told once all have been told of this.
   *
   * @param cache the cache's name
   * @param rollout which keys this process reads by the cache from now on
   */
  default void onRollout(String cache, Rollout rollout) {}
}
