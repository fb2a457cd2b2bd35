package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one attempt at one key's lock on one server, and of the holding if it succeeds.
 * Each method blocks as long as the client does, and throws what the client throws. {@link
 * #acquire} is called first, and again only if its answer was lost; the others may follow from any
 * thread.
 */
interface LockCommands {
  /** A lock taken by scripts, alone or waited for, or one taken without scripts. */
  Pattern LOCK = Pattern.compile("[AW][0-9a-f-]{36}|[0-9]{16}");

  /** Acquires the lock if it is free, or if this attempt holds it already. */
  LockReply acquire();

  /**
   * Extends the holding by a whole life from now.
   *
   * @return whether this holding still has the lock
   */
  boolean renew();

  /**
   * Releases the lock if this holding has it.
   *
   * @return whether it had
   */
  boolean release();

  /**
   * Returns the text of a lock, or null if the key is missing or holds something else. What is not
   * a lock has no holder that could release it. {@code lock-acquire.lua} makes the same
   * distinction.
   */
  static @Nullable String lockOf(byte @Nullable [] value) {
    String text = value == null ? "" : new String(value, UTF_8);
    return LOCK.matcher(text).matches() ? text : null;
  }

  /** Makes attempts at the locks of one server, and looks at these. Thread-safe. */
  interface Factory {
    /**
     * Prepares an attempt; sends nothing.
     *
     * @param token identifies the attempt, where the lock's value does not do so itself
     */
    LockCommands attempt(byte[] key, String token);

    /** Returns a factory whose holdings live for this long, and which is otherwise the same. */
    Factory withLife(Duration life);

    /** Returns what the user must be allowed to do, apart from messages. */
    Rights rights();

    /** Returns the current owner of a lock. Blocks and throws as the client does. */
    Optional<LockOwner> owner(byte[] key);
  }
}
