package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.UnifiedJedis;

/**
 * What the server's clock says, without asking it each time and without this process's wall clock,
 * which may be wrong: a sample of TIME, and a monotonic clock since. Thread-safe.
 *
 * <p>It is early by at most the round trip of the sample, and never late but for what the two
 * clocks drift apart until the next sample. So an entry may be called expired a little too soon,
 * and is not served as fresh after its time. In a cluster, the sample is of any of its servers, and
 * where it matters the one that holds the slot is asked.
 */
final class RedisClock {
  private static final long SAMPLE_LIFE_NANOS = Duration.ofSeconds(10).toNanos();

  private static final Script ASK_AT_KEY = Script.ofOneFile("time.lua");

  private final UnifiedJedis jedis;
  private final Ticker ticker;
  private volatile @Nullable Sample sample;

  RedisClock(UnifiedJedis jedis, Ticker ticker) {
    this.jedis = jedis;
    this.ticker = ticker;
  }

  /**
   * Milliseconds since 1970, by the server's clock. Asks the server if the last sample is old;
   * threads that find it old at once all ask.
   *
   * @throws redis.clients.jedis.exceptions.JedisException as Jedis does
   */
  long millis() {
    Sample latest = sample;
    long nanos = ticker.nanos();
    if (latest == null || nanos - latest.atNanos > SAMPLE_LIFE_NANOS) {
      // The moment before the question goes with the answer: the clock was read after it, so that
      // the estimate is never behind.
      latest = new Sample(nanos, serverMicros());
      sample = latest;
      nanos = ticker.nanos();
    }
    long micros = latest.serverMicros + TimeUnit.NANOSECONDS.toMicros(nanos - latest.atNanos);
    return TimeUnit.MICROSECONDS.toMillis(micros);
  }

  /** The clock for a slot's bytes. */
  SlotFormat.Clock of(SlotKey key) {
    return clock(
        () ->
            TimeUnit.MICROSECONDS.toMillis(
                micros(ASK_AT_KEY.run(jedis, SlotFormat.key(key), List.of()))));
  }

  /** The clock for bytes of which their server has just said that they have not ended. */
  SlotFormat.Clock withoutDoubt() {
    return clock(() -> 0);
  }

  private SlotFormat.Clock clock(LongSupplier exact) {
    return new SlotFormat.Clock() {
      @Override
      public long estimate() {
        return millis();
      }

      @Override
      public long exact() {
        return exact.getAsLong();
      }
    };
  }

  /** Asks the server, and forgets the answer. */
  void ask() {
    serverMicros();
  }

  private long serverMicros() {
    return micros(jedis.executeCommand(new CommandArguments(Protocol.Command.TIME)));
  }

  private static long micros(Object answer) {
    List<?> time = (List<?>) answer;
    return TimeUnit.SECONDS.toMicros(number(time.get(0))) + number(time.get(1));
  }

  private static long number(Object bytes) {
    return Long.parseLong(new String((byte[]) bytes, US_ASCII));
  }

  private record Sample(long atNanos, long serverMicros) {}
}
