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
 * Locks without scripts: each change looks first, and is made by a transaction that fails if the
 * key has changed since. The value of a lock is the version of its owner. Thread-safe.
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
  public Optional<LockOwner> owner(byte[] key) {
    return onOneConnection(jedis -> owner(jedis, key));
  }

  private static Optional<LockOwner> owner(Jedis jedis, byte[] key) {
    String value = value(jedis, key);
    return value == null ? Optional.empty() : Optional.of(new LockOwner(value, jedis.pttl(key)));
  }

  /** What a lock is; null if there is none, or something that is no lock is in its place. */
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

  /** What fails may leave keys watched, which no other user of the connection must inherit. */
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

    /** Known before anything is set, so that what a lost answer leaves can be found. */
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
        // The answer to a first sending was lost.
        return owner.get().token().equals(version)
            ? new LockReply.Acquired(Long.parseLong(version))
            : held;
      }
      // Read after the key began to be watched: whoever had it before and gave it back has a lower
      // version, and whoever takes it from now on makes the transaction fail.
      long fence = micros(jedis.time());
      // Of one width, so that it is known from what is no lock.
      String mine = String.format(Locale.ROOT, "%016d", fence);
      version = mine;
      // Not only if the key does not exist: what is there now is no lock, and goes.
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

    /** A lock that has lost its life, to something that copies keys, is given one. */
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

    /** Makes a change if the key has this version, at the moment of the change. */
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
        // Changed in between, perhaps by a renewal of this holding, which leaves it this holding's.
      }
    }

    /**
     * Makes a change in a transaction, which is begun by itself: whoever may not begin one would
     * make the change all the same, whatever was watched.
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
