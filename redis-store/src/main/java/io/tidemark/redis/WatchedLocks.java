package io.tidemark.redis;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Makes attempts without scripts. Each command reads the key first, and changes it by a transaction
 * that fails if the key has changed since. The value of a lock is the version of its owner.
 * Thread-safe.
 */
final class WatchedLocks implements LockCommands.Factory {
  private final RedisClient client;
  private final long lifeMillis;

  WatchedLocks(RedisClient client, Duration life) {
    this.client = client;
    this.lifeMillis = life.toMillis();
  }

  @Override
  public LockCommands attempt(byte[] key, String token) {
    return new Commands(key);
  }

  @Override
  public LockCommands.Factory withLife(Duration life) {
    return new WatchedLocks(client, life);
  }

  @Override
  public Rights rights() {
    return Rights.WATCHED_LOCKS;
  }

  @Override
  public Optional<LockOwner> owner(byte[] key) {
    return onOneConnection(jedis -> owner(jedis, key));
  }

  private static Optional<LockOwner> owner(Jedis jedis, byte[] key) {
    String value = value(jedis, key);
    return value == null ? Optional.empty() : Optional.of(new LockOwner(value, jedis.pttl(key)));
  }

  /** The value of a lock; null if the key is missing or holds something else. */
  private static @Nullable String value(Jedis jedis, byte[] key) {
    try {
      return LockCommands.lockOf(jedis.get(key));
    } catch (JedisDataException e) {
      if (JedisFailures.isWrongType(e)) {
        return null;
      }
      throw e;
    }
  }

  /** Discards the connection on failure: the next user must not inherit watched keys. */
  private <T> T onOneConnection(Function<Jedis, T> requests) {
    try (Connection connection = client.getPool().getResource()) {
      boolean done = false;
      try {
        T answer = requests.apply(new Jedis(connection));
        done = true;
        return answer;
      } finally {
        if (!done) {
          connection.setBroken();
        }
      }
    }
  }

  private final class Commands implements LockCommands {
    private final byte[] key;

    /** Written before the lock is set, so that a lock left by a lost answer can be recognized. */
    private volatile @Nullable String version;

    Commands(byte[] key) {
      this.key = key;
    }

    @Override
    public LockReply acquire() {
      return onOneConnection(this::acquire);
    }

    private LockReply acquire(Jedis jedis) {
      jedis.watch(key);
      Optional<LockOwner> owner = owner(jedis, key);
      if (owner.isPresent()) {
        LockReply held = held(jedis, owner.get());
        // If it is this attempt's version, the answer to a first sending was lost.
        return owner.get().token().equals(version)
            ? new LockReply.Acquired(Long.parseLong(version))
            : held;
      }
      // Read while the key is watched: an earlier holder has a lower version, and a later one makes
      // the transaction fail.
      long fence = micros(jedis.time());
      // Of fixed width, to distinguish a lock from other values.
      String mine = String.format(Locale.ROOT, "%016d", fence);
      version = mine;
      // Without NX: a value that is there now is not a lock, and is replaced.
      CommandArguments set =
          new CommandArguments(Protocol.Command.SET)
              .key(key)
              .add(mine)
              .add(Protocol.Keyword.PX)
              .add(lifeMillis);
      return isCarriedOut(jedis, set)
          ? new LockReply.Acquired(fence)
          : new LockReply.Held(owner(jedis, key).orElse(LockOwner.GONE));
    }

    /** Gives a new life to a lock that has none, as a tool that copies keys may leave it. */
    private LockReply held(Jedis jedis, LockOwner owner) {
      if (owner.remainingMillis() < 0) {
        boolean unused = isCarriedOut(jedis, newLife());
      } else {
        jedis.unwatch();
      }
      return new LockReply.Held(owner);
    }

    @Override
    public boolean renew() {
      return ifMine(newLife());
    }

    @Override
    public boolean release() {
      return ifMine(new CommandArguments(Protocol.Command.DEL).key(key));
    }

    private CommandArguments newLife() {
      return new CommandArguments(Protocol.Command.PEXPIRE).key(key).add(lifeMillis);
    }

    /** Makes a change if the lock is this attempt's at that moment. */
    private boolean ifMine(CommandArguments change) {
      String mine = version;
      return mine != null && onOneConnection(jedis -> ifVersion(jedis, mine, change));
    }

    private boolean ifVersion(Jedis jedis, String mine, CommandArguments change) {
      while (true) {
        jedis.watch(key);
        if (!mine.equals(value(jedis, key))) {
          jedis.unwatch();
          return false;
        }
        if (isCarriedOut(jedis, change)) {
          return true;
        }
        // Changed in between, perhaps by a renewal of this holding: look again.
      }
    }

    /**
     * Makes a change in a transaction. MULTI is sent separately: if it is refused, the change must
     * not run, as it would outside a transaction.
     */
    private static boolean isCarriedOut(Jedis jedis, CommandArguments change) {
      Connection connection = jedis.getConnection();
      Object unused = connection.executeCommand(Protocol.Command.MULTI);
      connection.sendCommand(change);
      connection.sendCommand(Protocol.Command.EXEC);
      List<Object> replies = connection.getMany(2);
      checkNotRefused(replies);
      Object answers = replies.get(1);
      if (answers instanceof List<?> list) {
        checkNotRefused(list);
      }
      return answers != null;
    }

    private static void checkNotRefused(List<?> replies) {
      for (Object reply : replies) {
        if (reply instanceof JedisDataException refusal) {
          throw refusal;
        }
      }
    }

    private static long micros(List<String> time) {
      return TimeUnit.SECONDS.toMicros(Long.parseLong(time.get(0))) + Long.parseLong(time.get(1));
    }
  }
}
