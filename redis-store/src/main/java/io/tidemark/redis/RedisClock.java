package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
 * and is not served as fresh after its time. In a cluster, the sample is of any of its servers.
 */
final class RedisClock {
  private static final long SAMPLE_LIFE_NANOS = Duration.ofSeconds(10).toNanos();

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

  private long serverMicros() {
    List<?> answer = (List<?>) jedis.executeCommand(new CommandArguments(Protocol.Command.TIME));
    return TimeUnit.SECONDS.toMicros(number(answer.get(0))) + number(answer.get(1));
  }

  private static long number(Object bytes) {
    return Long.parseLong(new String((byte[]) bytes, US_ASCII));
  }

  private record Sample(long atNanos, long serverMicros) {}
}
