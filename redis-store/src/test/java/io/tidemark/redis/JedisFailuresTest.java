package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.RefusedException;
import io.tidemark.UnavailableException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.providers.PooledConnectionProvider;

/** Failures that JedisFailuresIT cannot cause, or only slowly. */
class JedisFailuresTest {
  private final RedisClient client = RedisClient.create("127.0.0.1", 1);
  private final JedisFailures failures = new JedisFailures(client);

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void ofWrite_unknownHost_unavailable() {
    JedisException failure =
        new JedisConnectionException("Failed to create socket.", new UnknownHostException("x"));
    assertThat(failures.ofWrite(Verbs.KEY, failure)).isInstanceOf(UnavailableException.class);
  }

  @Test
  void ofWrite_connectTimeout_unavailable() {
    JedisException failure = new JedisConnectionException("Failed to connect to x:1.");
    failure.addSuppressed(new SocketTimeoutException("Connect timed out"));
    assertThat(failures.ofWrite(Verbs.KEY, failure)).isInstanceOf(UnavailableException.class);
  }

  /** Others go on after it: "…; the write did not run". */
  @ParameterizedTest
  @CsvSource({
    "Failed to connect to x:1., Failed to connect to x:1",
    "Unexpected end, Unexpected end",
    "Loading..., Loading..."
  })
  void ofRead_messageOfJedis_endsWithoutItsFullStop(String message, String words) {
    assertThat(failures.ofRead(Verbs.KEY, new JedisConnectionException(message)).withoutKey())
        .isEqualTo("Redis: " + words);
  }

  @Test
  void ofWrite_connectionNotGivenBack_outcomeUnknown() {
    JedisException failure = new JedisConnectionException("Unexpected end of stream.");
    failure.addSuppressed(new JedisException("Could not return the broken resource"));
    assertThat(failures.ofWrite(Verbs.KEY, failure)).isInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  void ofWrite_failureNobodyKnows_outcomeUnknown() {
    assertThat(failures.ofWrite(Verbs.KEY, new JedisException("?")))
        .isInstanceOf(OutcomeUnknownException.class);
  }

  /** The last refusal says nothing about what the client sent before. */
  @Test
  @SuppressWarnings(
      "deprecation") // The only resending client that can be created without a server.
  void ofWrite_clientThatSendsAgain_outcomeUnknown() {
    try (UnifiedJedis resending =
        new UnifiedJedis(
            new PooledConnectionProvider(RedisServer.address(1)), 3, Duration.ofSeconds(1))) {
      assertThat(new JedisFailures(resending).ofWrite(Verbs.KEY, new JedisDataException("OOM")))
          .isInstanceOf(OutcomeUnknownException.class);
    }
  }

  /** The server refused it last, so repeating it is useless, whatever happened before. */
  @Test
  @SuppressWarnings("deprecation") // As above.
  void ofRepeatable_clientThatSendsAgainIsRefused_refused() {
    try (UnifiedJedis resending =
        new UnifiedJedis(
            new PooledConnectionProvider(RedisServer.address(1)), 3, Duration.ofSeconds(1))) {
      assertThat(
              new JedisFailures(resending).ofRepeatable(Verbs.KEY, new JedisDataException("OOM")))
          .isInstanceOf(RefusedException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LOADING Redis is loading", "BUSY a script", "CLUSTERDOWN", "TRYAGAIN"})
  void ofWrite_serverIsBusyForAWhile_unavailableAndNotRefused(String words) {
    assertThat(failures.ofWrite(Verbs.KEY, new JedisDataException(words)))
        .isExactlyInstanceOf(UnavailableException.class);
  }

  @Test
  void ofRead_anyFailure_unavailable() {
    assertThat(failures.ofRead(Verbs.KEY, new JedisException("?")))
        .isInstanceOf(UnavailableException.class);
  }
}
