package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at the lock of one key on one server, and the holding if it succeeds. Every method
 * blocks as the client does, and throws as the client does. {@link #acquire} is called first, and
 * again only if its answer was lost; the others may follow from any thread.
 */
interface KeyLock {
  /** A holding by scripts, alone or waited for, and one without scripts. */
  Pattern LOCK = Pattern.compile("[AW][0-9a-f-]{36}|[0-9]{16}");

  /** Takes the lock if nobody has it, or this attempt has it already. */
  Reply acquire();

  /**
   * Starts the life of the holding anew.
   *
   * @return whether the lock is still this holding's
   */
  boolean renew();

  /**
   * Gives the lock back, if it is this holding's.
   *
   * @return whether it was
   */
  boolean release();

  /**
   * The text of a lock; null if nothing is at its place, or something that is no lock. Such a thing
   * belongs to no holder who could give it back. {@code lock-acquire.lua} tells them apart
   * likewise.
   */
  static @Nullable String lockOf(byte @Nullable [] value) {
    String text = value == null ? "" : new String(value, UTF_8);
    return LOCK.matcher(text).matches() ? text : null;
  }

  /** What a server said to an attempt. */
  sealed interface Reply {

    /**
     * The lock is the attempt's.
     *
     * @param fence the number of the holding
     */
    record Acquired(long fence) implements Reply {}

    /**
     * Somebody else has it.
     *
     * @param owner who
     */
    record Held(Owner owner) implements Reply {}
  }

  /**
   * Whose lock it is.
   *
   * @param token what no other holding has
   * @param remainingMillis how much longer, unless it is renewed
   */
  record Owner(String token, long remainingMillis) {
    /** Somebody who was gone before they could be asked about. */
    static final Owner GONE = new Owner("", 0);

    /** Names the owner, for people; empty if they were gone. */
    Optional<String> who() {
      if (token.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of("the holding " + token + (remainingMillis < 0 ? "" : ", which " + end()));
    }

    private String end() {
      return "ends in " + Duration.ofMillis(remainingMillis) + " unless it is renewed";
    }
  }

  /** How locks are made and looked at on one server. Thread-safe. */
  interface Factory {
    /**
     * A new attempt.
     *
     * @param token for a lock that needs one: what no other attempt has
     */
    KeyLock attempt(byte[] key, String token);

    /** The same, but for how long holdings live. */
    Factory withLife(Duration life);

    /** Who has a lock now; empty if nobody has. Blocks and throws as the client does. */
    Optional<Owner> owner(byte[] key);
  }
}
