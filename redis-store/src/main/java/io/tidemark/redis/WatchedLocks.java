package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.params.SetParams;

/**
 * Locks without scripts: each change looks first, and is made by a transaction that fails if the
 * key has changed since. The value of a lock is the version of its owner. Thread-safe.
 */
final class WatchedLocks implements KeyLock.Factory {
  private final RedisClient client;
  private final long lifeMillis;

  WatchedLocks(RedisClient client, Duration life) {
    this.client = client;
    this.lifeMillis = life.toMillis();
  }

  @Override
  public KeyLock attempt(byte[] key, String token) {
    return new Attempt(key);
  }

  @Override
  public Optional<KeyLock.Owner> owner(byte[] key) {
    return onOneConnection(jedis -> owner(jedis, key));
  }

  private static Optional<KeyLock.Owner> owner(Jedis jedis, byte[] key) {
    byte[] value = jedis.get(key);
    return value == null
        ? Optional.empty()
        : Optional.of(new KeyLock.Owner(new String(value, UTF_8), jedis.pttl(key)));
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

  private final class Attempt implements KeyLock {
    private final byte[] key;

    /** Known before anything is set, so that what a lost answer leaves can be found. */
    private volatile @Nullable String version;

    Attempt(byte[] key) {
      this.key = key;
    }

    @Override
    public Reply acquire() {
      return onOneConnection(this::acquire);
    }

    private Reply acquire(Jedis jedis) {
      jedis.watch(key);
      Optional<Owner> owner = owner(jedis, key);
      if (owner.isPresent()) {
        jedis.unwatch();
        return new Reply.Held(owner.get());
      }
      // Read after the key began to be watched: whoever had it before and gave it back has a lower
      // version, and whoever takes it from now on makes the transaction fail.
      long fence = micros(jedis.time());
      String mine = Long.toString(fence);
      version = mine;
      SetParams ifNone = SetParams.setParams().nx().px(lifeMillis);
      boolean isSet =
          isCarriedOut(jedis, transaction -> transaction.set(key, mine.getBytes(UTF_8), ifNone));
      return isSet
          ? new Reply.Acquired(fence)
          : new Reply.Held(owner(jedis, key).orElse(Owner.GONE));
    }

    @Override
    public boolean renew() {
      return ifMine(transaction -> transaction.pexpire(key, lifeMillis));
    }

    @Override
    public boolean release() {
      return ifMine(transaction -> transaction.del(key));
    }

    /** Makes a change if the key has this version, at the moment of the change. */
    private boolean ifMine(Consumer<Transaction> change) {
      String mine = version;
      return mine != null && onOneConnection(jedis -> ifVersion(jedis, mine, change));
    }

    private boolean ifVersion(Jedis jedis, String mine, Consumer<Transaction> change) {
      while (true) {
        jedis.watch(key);
        byte[] current = jedis.get(key);
        if (current == null || !new String(current, UTF_8).equals(mine)) {
          jedis.unwatch();
          return false;
        }
        if (isCarriedOut(jedis, change)) {
          return true;
        }
        // Changed in between, perhaps by a renewal of this holding, which leaves it this holding's.
      }
    }

    private static boolean isCarriedOut(Jedis jedis, Consumer<Transaction> change) {
      Transaction transaction = jedis.multi();
      change.accept(transaction);
      List<Object> answers = transaction.exec();
      return answers != null;
    }

    private static long micros(List<String> time) {
      return TimeUnit.SECONDS.toMicros(Long.parseLong(time.get(0))) + Long.parseLong(time.get(1));
    }
  }
}
