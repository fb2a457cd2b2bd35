package io.tidemark;

import io.tidemark.spi.SlotKey;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the read path and the write path of one cache share. Each part is thread-safe.
 *
 * @param fallbackLoads a permit for each load that may run without lock and claim
 */
record Parts<K, V>(
    Settings<K, V> settings,
    Counters counters,
    Rows<V> rows,
    KeysInUse keysInUse,
    ClaimRenewer renewer,
    Repairs repairs,
    Semaphore fallbackLoads) {
  private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

  static <K, V> Parts<K, V> of(
      Settings<K, V> settings, Executor executor, ScheduledExecutorService scheduler) {
    Counters counters = new Counters();
    Rows<V> rows = new Rows<>(settings, counters);
    return new Parts<>(
        settings,
        counters,
        rows,
        new KeysInUse(),
        new ClaimRenewer(settings, scheduler),
        new Repairs(settings, counters, rows, executor, scheduler),
        new Semaphore(settings.maxFallbackLoads(), true));
  }

  /**
   * Gives up a claim at once, so that a late fill under it is refused. Where the store does not
   * answer, the claim expires instead. Works on an interrupted thread, and leaves it interrupted.
   */
  void abandon(SlotKey slotKey, long fence) {
    boolean interrupted = Thread.interrupted();
    try {
      settings.store().abandon(slotKey, fence, settings.pendingLife());
    } catch (TidemarkException e) {
      LOG.debug("{}: the claim of fence {} was not given up, it will expire", slotKey, fence, e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
