package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.RefusedException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Slot;
import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.TcpProxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;

/** Each way for a verb to fail, and whether the exception says what was done. */
class JedisFailuresIT {
  /** The timeout of clients that lose replies; what they send before is repeated until answered. */
  private static final Duration IMPATIENCE = Duration.ofMillis(100);

  /** The port of tcpmux, which no machine runs. */
  private static final int PORT_OF_NOBODY = 1;

  private static RedisServer server;

  /** A client that bypasses every fault. */
  private static RedisClient direct;

  private TcpProxy proxy;
  private RedisClient client;
  private RedisStore store;

  @BeforeAll
  static void startServer() {
    server = RedisServer.start();
    direct = server.client();
  }

  @AfterAll
  static void stopServer() {
    direct.close();
    server.close();
  }

  @BeforeEach
  void connect() {
    direct.flushAll();
    proxy = TcpProxy.to(server.port());
    client = RedisServer.client(proxy.port());
    store = RedisStore.create(client);
  }

  @AfterEach
  void disconnect() {
    client.close();
    proxy.close();
  }

  @ParameterizedTest
  @MethodSource("io.tidemark.redis.Verbs#writing")
  void verb_replyLost_outcomeUnknown(String name, Consumer<RedisStore> verb) {
    try (RedisClient impatient = impatientClient()) {
      RedisStore impatientStore = RedisStore.create(impatient);
      awaitConnected(() -> impatientStore.read(Verbs.KEY));
      proxy.swallowReplies();
      assertThatExceptionOfType(OutcomeUnknownException.class)
          .isThrownBy(() -> verb.accept(impatientStore));
    }
  }

  @Test
  void claim_replyLost_carriedOutAllTheSame() {
    try (RedisClient impatient = impatientClient()) {
      RedisStore impatientStore = RedisStore.create(impatient);
      // Makes the server know the script: otherwise the lost reply would be the NOSCRIPT.
      awaitConnected(() -> Verbs.claim(impatientStore));
      direct.flushAll();
      proxy.swallowReplies();
      assertThatExceptionOfType(OutcomeUnknownException.class)
          .isThrownBy(() -> Verbs.claim(impatientStore));
    }
    RedisStore lookingOn = RedisStore.create(direct);
    await().until(() -> lookingOn.read(Verbs.KEY) instanceof Slot.Pending);
  }

  @ParameterizedTest
  @MethodSource("io.tidemark.redis.Verbs#sentOnce")
  void verb_connectionReset_outcomeUnknown(String name, Consumer<RedisStore> verb) {
    store.read(Verbs.KEY);
    proxy.reset();
    assertThatExceptionOfType(OutcomeUnknownException.class).isThrownBy(() -> verb.accept(store));
  }

  @Test
  void verb_afterConnectionReset_worksAgain() {
    store.read(Verbs.KEY);
    proxy.reset();
    assertThatExceptionOfType(OutcomeUnknownException.class).isThrownBy(() -> Verbs.claim(store));
    Verbs.claim(store);
    assertThat(store.read(Verbs.KEY)).isInstanceOf(Slot.Pending.class);
  }

  /** A firewall that has forgotten one connection has forgotten those beside it. */
  @Test
  void read_replyLost_unavailableNotSentAgainAndNothingSilentIsKept() {
    try (RedisClient impatient = impatientClient()) {
      RedisStore impatientStore = RedisStore.create(impatient);
      awaitConnected(() -> leaveTwoIdle(impatient));
      long made = impatient.getPool().getCreatedCount();
      proxy.swallowReplies();
      assertThatExceptionOfType(UnavailableException.class)
          .isThrownBy(() -> impatientStore.read(Verbs.KEY));
      assertThat(impatient.getPool().getCreatedCount()).as("connections").isEqualTo(made);
      assertThat(impatient.getPool().getNumIdle()).as("of them kept").isZero();
    }
  }

  @Test
  void read_connectionReset_sentAgain() {
    Verbs.claim(store);
    proxy.reset();
    assertThat(store.read(Verbs.KEY)).isInstanceOf(Slot.Pending.class);
  }

  @Test
  void clear_connectionReset_beginsAnew() {
    Verbs.claim(store);
    proxy.reset();
    assertThat(store.clear(Verbs.KEY.cache())).isOne();
  }

  @Test
  void read_brokenTwice_unavailable() {
    Verbs.claim(store);
    proxy.refuse();
    assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> store.read(Verbs.KEY));
  }

  @ParameterizedTest
  @MethodSource("io.tidemark.redis.Verbs#writing")
  void verb_connectionRefused_unavailable(String name, Consumer<RedisStore> verb) {
    try (RedisClient nowhere = RedisServer.client(PORT_OF_NOBODY)) {
      RedisStore nowhereStore = RedisStore.create(nowhere);
      assertThatExceptionOfType(UnavailableException.class)
          .isThrownBy(() -> verb.accept(nowhereStore));
    }
  }

  @Test
  void read_connectionRefused_unavailable() {
    try (RedisClient nowhere = RedisServer.client(PORT_OF_NOBODY)) {
      RedisStore nowhereStore = RedisStore.create(nowhere);
      assertThatExceptionOfType(UnavailableException.class)
          .isThrownBy(() -> nowhereStore.read(Verbs.KEY))
          .satisfies(failure -> assertThat(failure.key()).contains(Verbs.KEY));
    }
  }

  @Test
  void verb_poolExhausted_unavailable() {
    try (RedisClient narrow = narrowClient(IMPATIENCE);
        Connection taken = narrow.getPool().getResource()) {
      assertThat(taken.ping()).isTrue();
      RedisStore narrowStore = RedisStore.create(narrow);
      assertThatExceptionOfType(UnavailableException.class)
          .isThrownBy(() -> Verbs.claim(narrowStore))
          .withMessageContaining("(maxTotal 1, maxWait PT0.1S)");
      assertThatExceptionOfType(UnavailableException.class)
          .isThrownBy(() -> narrowStore.read(Verbs.KEY));
    }
  }

  @ParameterizedTest
  @MethodSource("io.tidemark.redis.Verbs#writing")
  void verb_clientIsClosed_isRefused(String name, Consumer<RedisStore> verb) {
    client.close();
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> verb.accept(store))
        .withMessageContaining("the Redis client is closed");
  }

  @Test
  void read_clientIsClosed_isRefused() {
    client.close();
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> store.read(Verbs.KEY))
        .withMessage("verbs:key: the Redis client is closed");
  }

  @Test
  void locks_clientIsClosed_areRefused() {
    try (RedisLocks locks = RedisLocks.create(client)) {
      client.close();
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> locks.tryAcquire(Verbs.KEY, Deadline.after(Awaiting.LIMIT)))
          .withMessageContaining("the lock cannot be requested: ");
    }
  }

  /** The pool interrupts them to wake them, which must not be visible to their callers. */
  @Test
  void verb_clientIsClosedWhileItWaitsForAConnection_isRefusedAndNotInterrupted() throws Exception {
    try (RedisClient narrow = narrowClient(Awaiting.LIMIT);
        Connection taken = narrow.getPool().getResource()) {
      assertThat(taken.ping()).isTrue();
      RedisStore narrowStore = RedisStore.create(narrow);
      CompletableFuture<Boolean> interrupted =
          CompletableFuture.supplyAsync(
              () -> {
                assertThatExceptionOfType(RefusedException.class)
                    .isThrownBy(() -> narrowStore.read(Verbs.KEY));
                return Thread.interrupted();
              });
      await().until(() -> narrow.getPool().getNumWaiters() == 1);
      narrow.getPool().close();

      assertThat(interrupted).succeedsWithin(Awaiting.LIMIT).isEqualTo(false);
    }
  }

  @Test
  void verb_interruptedBeforeTheConnection_unavailableAndStillInterrupted() {
    try (RedisClient narrow = narrowClient(Awaiting.LIMIT);
        Connection taken = narrow.getPool().getResource()) {
      assertThat(taken.ping()).isTrue();
      Thread.currentThread().interrupt();
      assertThatExceptionOfType(UnavailableException.class)
          .isThrownBy(() -> Verbs.claim(RedisStore.create(narrow)));
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void verb_outOfMemory_unavailableAndSlotUnchanged() {
    Verbs.claim(store);
    String before = direct.get("tidemark:verbs:key");
    server.run(Protocol.Command.CONFIG, "SET", "maxmemory", "1");
    try {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> Verbs.fill(store))
          .withMessageStartingWith("verbs:key: Redis: OOM command not allowed");
    } finally {
      server.run(Protocol.Command.CONFIG, "SET", "maxmemory", "0");
    }
    assertThat(direct.get("tidemark:verbs:key")).isEqualTo(before);
  }

  @Test
  void verb_readOnlyReplica_unavailable() {
    server.run(Protocol.Command.REPLICAOF, "127.0.0.1", "1");
    try {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> Verbs.claim(store))
          .withMessageContaining("READONLY");
    } finally {
      server.run(Protocol.Command.REPLICAOF, "NO", "ONE");
    }
  }

  @Test
  void verb_passwordMissing_unavailable() {
    try (RedisServer guarded = RedisServer.startGuarded("secret");
        RedisClient stranger = RedisServer.client(guarded.port())) {
      RedisStore strangersStore = RedisStore.create(stranger);
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> Verbs.claim(strangersStore))
          .withMessageContaining("NOAUTH");
      assertThatExceptionOfType(UnavailableException.class)
          .isThrownBy(() -> strangersStore.read(Verbs.KEY))
          .withMessageContaining("NOAUTH");
    }
  }

  /** Connects before the fault: on a busy machine that may take longer than the timeout. */
  private static void awaitConnected(Runnable verb) {
    await().ignoreExceptions().untilAsserted(verb::run);
  }

  private static void leaveTwoIdle(RedisClient redis) {
    try (Connection one = redis.getPool().getResource();
        Connection other = redis.getPool().getResource()) {
      assertThat(one.ping() && other.ping()).isTrue();
    }
  }

  /** A client with a pool of one connection. */
  private static RedisClient narrowClient(Duration maxWait) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(1);
    pool.setMaxWait(maxWait);
    return RedisServer.client(server.port(), Awaiting.LIMIT, pool);
  }

  private RedisClient impatientClient() {
    return RedisServer.client(proxy.port(), IMPATIENCE, new ConnectionPoolConfig());
  }
}
