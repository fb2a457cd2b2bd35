package io.tidemark.redis;

import java.util.concurrent.CompletableFuture;

/**
 * One attempt at the lock of one key, and the holding if it succeeds, on one server or on a
 * majority of several. No method blocks. {@link #acquire} is called once and first; the others may
 * follow at any time and from any thread. Thread-safe.
 */
interface Lease {

  /** Acquires the lock if it is free. Sends nothing if the lease was released before. */
  CompletableFuture<LockReply> acquire();

  /** Extends the holding by a whole life from now. Tells whether it still has the lock. */
  CompletableFuture<Boolean> renew();

  /**
   * Releases in the background what this attempt has acquired, or turns out to have acquired. Tries
   * until that is known to be gone, or for as long as it lives. Idempotent.
   */
  void release();
}
