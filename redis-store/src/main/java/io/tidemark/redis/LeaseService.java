package io.tidemark.redis;

import io.tidemark.spi.Finding;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Grants leases, on one server or a majority of several. No method blocks unless it says so.
 * Thread-safe.
 */
interface LeaseService {

  /**
   * Prepares an attempt at a key's lock; sends nothing.
   *
   * @param token identifies the attempt; no other has it
   */
  Lease newLease(SlotKey key, String token);

  /**
   * Asks whether a holding still has a key's lock.
   *
   * @return the rest of its life in ms, or empty once the holding is gone; fails with {@link
   *     NoRoomException} if too many requests are waiting to send this one
   */
  CompletableFuture<OptionalLong> remaining(SlotKey key, String token);

  /** Asks for the current owner of a key's lock; empty if the lock is free on a majority. */
  CompletableFuture<Optional<LockOwner>> owner(SlotKey key);

  /** Checks the set-up. Blocks, as {@link LockProvider#check} may. */
  List<Finding> check();

  /** Accepts no more requests; those accepted before are still sent. */
  void shutdown();
}
