package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The server's clock, without a request each time and without this process's wall clock, which may
 * be wrong: a sample of TIME, extended by a monotonic clock. Thread-safe.
 *
 * <p>Only the server that holds the slot is asked, which has just answered. An old sample serves
 * while one thread asks, and if no answer comes.
 *
 * <p>It is fast by at most the round trip of the sample, and slow only by what the two clocks drift
 * apart until the next sample. So an entry may expire a little too soon, and is not served as fresh
 * after its time. In a cluster, the sample may come from another server; where that matters, the
 * server that holds the slot is asked again.
 */
final class RedisClock {
  private static final long SAMPLE_LIFE_NANOS = Duration.ofSeconds(10).toNanos();

  /** For entries that Redis removes in time: the clock only finds those that lost their expiry. */
  private static final long ROUGH_SAMPLE_LIFE_NANOS = Duration.ofMinutes(10).toNanos();

  /** Between two requests, if no answer has come, or not yet. */
  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  private static final Script ASK_AT_KEY = Script.ofOneFile("time.lua");

  private static final Logger LOG = LoggerFactory.getLogger(RedisClock.class);

  private final Commands commands;
  private final Ticker ticker;
  private final AtomicReference<@Nullable Sample> sample = new AtomicReference<>();

  RedisClock(Commands commands, Ticker ticker) {
    this.commands = commands;
    this.ticker = ticker;
  }

  /** Returns the clock for reading a slot. */
  SlotClock of(SlotKey key) {
    return new KeyClock(key, false);
  }

  /** Returns a clock for reading the slots of one reply, one after the other. For one thread. */
  ReplyClock ofReply() {
    return new ReplyClock();
  }

  /** Returns the clock for reading a slot that its server has just found not to have ended. */
  SlotClock withoutDoubt(SlotKey key) {
    return new KeyClock(key, true);
  }

  /** Asks the server that holds a slot, and ignores the answer. */
  void ask(SlotKey key) {
    serverMicros(key);
  }

  /** Milliseconds since 1970 by the server's clock, from a sample of at most this age. */
  private long millis(SlotKey key, long sampleLifeNanos) {
    Sample latest = sample.get();
    long nanos = ticker.nanos();
    if (latest == null) {
      latest = newSample(key, nanos);
    } else if (latest.isOlder(nanos, sampleLifeNanos)
        && sample.compareAndSet(latest, latest.notAskedBefore(nanos + PAUSE_NANOS))) {
      latest = newSampleOr(latest, key, nanos);
    }
    long age = TimeUnit.NANOSECONDS.toMicros(ticker.nanos() - latest.atNanos);
    return TimeUnit.MICROSECONDS.toMillis(latest.serverMicros + age);
  }

  private Sample newSampleOr(Sample old, SlotKey key, long nanos) {
    try {
      return newSample(key, nanos);
    } catch (JedisException e) {
      notTold(key, e);
      return old;
    }
  }

  /**
   * Asks the server.
   *
   * @param nanos the moment before the request. It is paired with the answer, which was read later,
   *     so that the estimate is never slow
   */
  private Sample newSample(SlotKey key, long nanos) {
    Sample taken = new Sample(nanos, serverMicros(key), nanos);
    sample.set(taken);
    return taken;
  }

  private static void notTold(SlotKey key, JedisException failure) {
    ConnectionFailures.restoreInterrupt(failure);
    LOG.debug("{}: could not read the time of Redis", key, failure);
  }

  private long serverMicros(SlotKey key) {
    List<?> time = (List<?>) ASK_AT_KEY.runText(commands, SlotFormat.key(key));
    return TimeUnit.SECONDS.toMicros(number(time.get(0))) + number(time.get(1));
  }

  private static long number(Object bytes) {
    return Long.parseLong(new String((byte[]) bytes, US_ASCII));
  }

  private final class KeyClock implements SlotClock {
    private final SlotKey key;
    private final boolean hasNotEnded;

    KeyClock(SlotKey key, boolean hasNotEnded) {
      this.key = key;
      this.hasNotEnded = hasNotEnded;
    }

    @Override
    public long estimate() {
      return millis(key, SAMPLE_LIFE_NANOS);
    }

    @Override
    public long roughEstimate() {
      try {
        return millis(key, ROUGH_SAMPLE_LIFE_NANOS);
      } catch (JedisException e) {
        notTold(key, e);
        return 0;
      }
    }

    @Override
    public long exact() {
      return hasNotEnded ? 0 : TimeUnit.MICROSECONDS.toMillis(serverMicros(key));
    }
  }

  /**
   * Shows the same moment for all slots of a reply, because looking at the clock may cost as much
   * as reading a slot. If the server does not tell its time, it is not asked for each slot again.
   */
  final class ReplyClock {
    private static final long UNKNOWN = -1;

    private long estimate = UNKNOWN;
    private long roughEstimate = UNKNOWN;
    private @Nullable JedisException failure;

    /** Returns the clock for reading one of the slots. */
    SlotClock of(SlotKey key) {
      return new SlotClock() {
        @Override
        public long estimate() {
          if (estimate == UNKNOWN) {
            estimate = firstEstimate(key);
          }
          return estimate;
        }

        @Override
        public long roughEstimate() {
          if (roughEstimate == UNKNOWN) {
            roughEstimate = RedisClock.this.of(key).roughEstimate();
          }
          return roughEstimate;
        }

        @Override
        public long exact() {
          return RedisClock.this.of(key).exact();
        }
      };
    }

    private long firstEstimate(SlotKey key) {
      if (failure != null) {
        throw failure;
      }
      try {
        return RedisClock.this.of(key).estimate();
      } catch (JedisException e) {
        failure = e;
        throw e;
      }
    }
  }

  private record Sample(long atNanos, long serverMicros, long askNextNanos) {
    boolean isOlder(long nanos, long lifeNanos) {
      return nanos - atNanos > lifeNanos && nanos - askNextNanos >= 0;
    }

    Sample notAskedBefore(long nanos) {
      return new Sample(atNanos, serverMicros, nanos);
    }
  }
}
