package io.tidemark.redis;

import java.util.concurrent.CompletableFuture;

/**
 * One attempt at the lock of one key, and the holding if it succeeds, on one server or on a
 * majority of several. No method blocks. {@link #acquire} is called once and first; the others may
 * follow at any time and from any thread. Thread-safe.
 */
interface Lease {

  /** Takes the lock if nobody has it. Nothing is sent any more once it was released. */
  CompletableFuture<LockReply> acquire();

  /** Starts the life of the holding anew, and tells whether the lock is still this holding's. */
  CompletableFuture<Boolean> renew();

  /**
   * Gives back, in the background, whatever this attempt acquired or will be found to have
   * acquired. Goes on trying until that is known to be gone, or for as long as it lives. Again
   * without effect.
   */
  void release();
}
