package io.tidemark.redis;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Every verb that writes, on one slot, for tests of what they have in common. */
final class Verbs {
  static final SlotKey KEY = new SlotKey("verbs", "key");
  static final long FENCE = 5;

  private static final Duration LIFE = Duration.ofHours(1);
  private static final Lifetime LIFETIME = new Lifetime(LIFE, Duration.ZERO);

  private Verbs() {}

  static Stream<Arguments> writing() {
    return Stream.concat(sentOnce(), Stream.of(verb("clear", store -> store.clear(KEY.cache()))));
  }

  /** The verbs that are not sent again when a connection breaks. */
  static Stream<Arguments> sentOnce() {
    return Stream.of(
        verb("claim", Verbs::claim),
        verb("renew", store -> store.renew(KEY, FENCE, LIFE)),
        verb("abandon", store -> store.abandon(KEY, FENCE)),
        verb("fill", Verbs::fill),
        verb("publish", store -> publish(store, 7)),
        verb("refresh", store -> store.refresh(KEY, row(7), LIFETIME, LIFE)),
        verb("drop", store -> store.drop(KEY, 7, LIFE)));
  }

  static void claim(RedisStore store) {
    store.claim(KEY, FENCE, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
  }

  static void fill(RedisStore store) {
    store.fill(KEY, FENCE, row(7), FloorRule.AT_OR_ABOVE, LIFETIME);
  }

  static void publish(RedisStore store, long version) {
    store.publish(KEY, LockHandle.NO_FENCE, row(version), LIFETIME, LIFE);
  }

  static EncodedRow row(long version) {
    return new EncodedRow.Present(version, Payload.wrap(new byte[] {1}));
  }

  private static Arguments verb(String name, Consumer<RedisStore> verb) {
    return arguments(name, verb);
  }
}
