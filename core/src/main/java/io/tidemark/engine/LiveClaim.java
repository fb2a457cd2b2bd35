package io.tidemark.engine;

import io.tidemark.spi.SlotKey;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A claim on one slot or on many, as what gives it up knows it. Thread-safe. */
interface LiveClaim {
  Logger LOG = LoggerFactory.getLogger(LiveClaim.class);

  /** What is claimed. */
  List<SlotKey> keys();

  /** Starts to renew it. Throws what the scheduler throws that refuses. */
  void begin();

  /** Renews it no more, and releases the lock if there is one. */
  void end();

  /**
   * Gives it up at once, so that a late fill under it is refused. Where the store does not answer,
   * it expires instead.
   *
   * @return whether the store has answered
   */
  boolean abandon();

  /**
   * Asks the store to give claims up. Works on an interrupted thread, and leaves it interrupted.
   *
   * @param what is given up, for the log
   * @param request returns whether the store has answered
   */
  @SuppressWarnings("CatchingUnchecked") // It must not hide why the claim is given up.
  static boolean abandon(Object what, BooleanSupplier request) {
    boolean interrupted = Thread.interrupted();
    try {
      return request.getAsBoolean();
    } catch (Throwable t) {
      LOG.debug("{}: the claim was not given up, it will expire", what, t);
      return false;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
