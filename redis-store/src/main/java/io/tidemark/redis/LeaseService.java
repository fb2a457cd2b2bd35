package io.tidemark.redis;

import io.tidemark.spi.Finding;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Gives leases: one server, or several. No method blocks. Thread-safe. */
interface LeaseService {

  /**
   * A new attempt at a key's lock.
   *
   * @param token what no other attempt has
   */
  Lease newLease(SlotKey key, String token);

  /**
   * Asks whether a holding has a key's lock still.
   *
   * @return the rest of its life in ms, or empty once the holding is gone; fails with {@link
   *     NoRoomException} if so many are asked already that nobody was
   */
  CompletableFuture<OptionalLong> remaining(SlotKey key, String token);

  /** Who has a key's lock now, on any server if most are not free; empty if nobody has. */
  CompletableFuture<Optional<LockOwner>> owner(SlotKey key);

  /** Looks for what is wrong with the set-up. Blocks, as {@link LockProvider#check} may. */
  List<Finding> check();

  /** Takes no more requests; what was asked for already is still sent. */
  void shutdown();

  /** Whether a question failed because it was never asked. */
  static boolean foundNoRoom(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof NoRoomException;
  }

  /** So many requests wait for an answer that one more was not sent. It tells of no fault. */
  final class NoRoomException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    NoRoomException(int most) {
      super(most + " requests wait for an answer already");
    }
  }
}
