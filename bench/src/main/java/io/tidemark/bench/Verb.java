package io.tidemark.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.redis.RedisStore;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Fill;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.List;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.params.SetParams;

/**
 * One command of Redis, or one verb of the store, on a slot that is as the verb mostly finds it.
 */
public enum Verb {
  /** The command that the others are compared with. */
  SET("SET PX") {
    @Override
    void prepare(RedisStore store, List<SlotKey> keys, Payload payload) {}

    @Override
    boolean call(RedisClient redis, RedisStore store, SlotKey key, Payload payload) {
      byte[] name = key.key().getBytes(UTF_8);
      return "OK".equals(redis.set(name, payload.bytes(), SetParams.setParams().px(LIFE_MILLIS)));
    }
  },
  /** The claim of an empty slot. */
  CLAIM("claim") {
    @Override
    void prepare(RedisStore store, List<SlotKey> keys, Payload payload) {}

    @Override
    boolean call(RedisClient redis, RedisStore store, SlotKey key, Payload payload) {
      return store.claim(key, FENCE, ClaimMode.UNLESS_PRESENT, LIFE, LIFE)
          instanceof ClaimAnswer.Claimed;
    }
  },
  /** The fill of a slot that is claimed. */
  FILL("fill") {
    @Override
    void prepare(RedisStore store, List<SlotKey> keys, Payload payload) {
      claim(store, keys);
    }

    @Override
    boolean call(RedisClient redis, RedisStore store, SlotKey key, Payload payload) {
      return store.fill(key, FENCE, row(1, payload), FloorRule.AT_OR_ABOVE, LIFETIME)
          == FillAnswer.STORED;
    }
  },
  /** The publish of a newer row to a slot that has an entry. */
  PUBLISH("publish") {
    @Override
    void prepare(RedisStore store, List<SlotKey> keys, Payload payload) {
      claim(store, keys);
      List<Fill> fills =
          keys.stream()
              .map(key -> new Fill(key, FENCE, row(1, payload), FloorRule.AT_OR_ABOVE, LIFETIME))
              .toList();
      for (Reply<FillAnswer> reply : store.fillAll(fills)) {
        check(reply.get() == FillAnswer.STORED);
      }
    }

    @Override
    boolean call(RedisClient redis, RedisStore store, SlotKey key, Payload payload) {
      return store.publish(key, LockHandle.NO_FENCE, row(2, payload), LIFETIME, LIFE)
          == PublishAnswer.STORED;
    }
  };

  private static final long LIFE_MILLIS = Duration.ofDays(1).toMillis();
  private static final Duration LIFE = Duration.ofMillis(LIFE_MILLIS);
  private static final Lifetime LIFETIME = new Lifetime(LIFE, Duration.ZERO);
  private static final long FENCE = 1;

  private final String title;

  Verb(String title) {
    this.title = title;
  }

  /** What it is called in tables. */
  String title() {
    return title;
  }

  /** Brings slots that are empty into the state that the verb is called in. */
  abstract void prepare(RedisStore store, List<SlotKey> keys, Payload payload);

  /** Calls it once; returns whether it did what it is measured for. */
  abstract boolean call(RedisClient redis, RedisStore store, SlotKey key, Payload payload);

  private static EncodedRow row(long version, Payload payload) {
    return new EncodedRow.Present(version, payload);
  }

  private static void claim(RedisStore store, List<SlotKey> keys) {
    for (Reply<ClaimAnswer> reply :
        store.claimAll(keys, FENCE, ClaimMode.UNLESS_PRESENT, LIFE, LIFE)) {
      check(reply.get() instanceof ClaimAnswer.Claimed);
    }
  }

  /** Fails if a slot was not in the state that it should have been in. */
  static void check(boolean asExpected) {
    if (!asExpected) {
      throw new IllegalStateException("a slot did not take what it was prepared for");
    }
  }
}
