package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.RefusedException;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Drop;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Fill;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.Publish;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Refresh;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import io.tidemark.testkit.RoundTrips;
import io.tidemark.testkit.TcpProxy;
import java.time.Duration;
import java.util.AbstractList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;

/** The verbs for many slots: their round trips, and what is known where they fail. */
class BulkIT {
  private static final Duration LIFE = Duration.ofHours(1);
  private static final Lifetime KEPT = new Lifetime(LIFE, Duration.ZERO);
  private static final Lifetime SOON_EXPIRED = new Lifetime(Duration.ofMillis(1), LIFE);
  private static final long BALLOT = -5;
  private static final List<SlotKey> THOUSAND = keys(1_000);
  private static final List<SlotKey> FEW = keys(3);
  private static final List<SlotKey> MANY = keys(2 * Pipelines.MOST_COMMANDS + 1);

  private static final RoundTrips TRIPS = new RoundTrips();
  private static RedisServer server;
  private static RedisClient client;
  private static RedisStore store;

  @BeforeAll
  static void start() {
    server = RedisServer.start();
    client = RedisServer.client(server.port(), TRIPS);
    store = RedisStore.create(client);
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  @BeforeEach
  void empty() {
    client.flushAll();
  }

  @Test
  void readAll_thousandKeys_oneRoundTrip() {
    fill(THOUSAND, KEPT);
    assertThat(store.read(THOUSAND.get(0)).isHit()).as("the server's time is known").isTrue();

    assertThat(
            TRIPS.of(
                () ->
                    assertThat(answers(store.readAll(THOUSAND)))
                        .hasSize(1_000)
                        .allMatch(Slot::isHit)))
        .isEqualTo(1);
  }

  @Test
  void readAll_timeOfServerUnknownAndNoScriptsKnown_twoRoundTrips() {
    fill(FEW, KEPT);
    client.scriptFlush();
    RedisStore fresh = RedisStore.create(client);

    assertThat(
            TRIPS.of(
                () -> assertThat(answers(fresh.readAll(FEW))).hasSize(3).allMatch(Slot::isHit)))
        .isEqualTo(2);
  }

  @Test
  void readAll_serverDoesNotTellItsTime_isAskedOnceForAllSlots() {
    fill(FEW, new Lifetime(LIFE, LIFE));
    server.run(Protocol.Command.ACL, "SETUSER", "default", "-eval");
    try {
      RedisStore fresh = RedisStore.create(client);
      assertThat(TRIPS.of(() -> assertAllFail(fresh.readAll(FEW), RefusedException.class)))
          .isEqualTo(2);
    } finally {
      server.run(Protocol.Command.ACL, "SETUSER", "default", "+eval");
    }
  }

  @Test
  void readAll_expiredEntries_twoRoundTripsAndThoseWithoutLifeAreGone() {
    fill(FEW, SOON_EXPIRED);
    await().until(() -> !store.read(FEW.get(0)).isHit());
    client.persist(SlotFormat.key(FEW.get(1)));

    assertThat(
            TRIPS.of(
                () ->
                    assertThat(answers(store.readAll(FEW)))
                        .hasExactlyElementsOfTypes(
                            Slot.Value.class, Slot.Empty.class, Slot.Value.class)))
        .isEqualTo(2);
  }

  @Test
  void readAll_otherType_empty() {
    client.hset("tidemark:bulk:key 1", "field", "value");
    assertThat(answers(store.readAll(FEW))).containsOnly(new Slot.Empty());
  }

  /** Jedis keeps its stream where it is looked for: otherwise each key would cost a command. */
  @Test
  void readAll_severalKeys_oneCommand() {
    server.run(Protocol.Command.CONFIG, "RESETSTAT");
    store.readAll(FEW);
    assertThat(server.calls("mget")).isEqualTo(1);
    assertThat(server.calls("getrange") + server.calls("get")).isZero();
  }

  /** As for want of memory. What is left of the reply must not be the next one's. */
  @Test
  void mget_errorInTheMiddle_connectionIsNotUsedAgain() {
    fill(FEW, KEPT);
    List<Integer> failing =
        new AbstractList<>() {
          @Override
          public Integer get(int index) {
            throw new AssertionError("no memory");
          }

          @Override
          public int size() {
            return FEW.size();
          }
        };
    List<byte[]> names = FEW.stream().map(SlotFormat::key).toList();
    try (Connection connection = new Connection(RedisServer.address(server.port()))) {
      assertThatThrownBy(
              () -> requireNonNull(LimitedMget.find()).read(connection, names, failing, null))
          .isInstanceOf(AssertionError.class)
          .hasMessage("no memory");
      assertThat(connection.isBroken()).isTrue();
    }
  }

  /** What was asked after MGET is not left for the next user of the connection. */
  @Test
  void mget_refused_connectionIsNotUsedAgain() {
    List<byte[]> names = FEW.stream().map(SlotFormat::key).toList();
    List<Integer> limits = FEW.stream().map(key -> Integer.MAX_VALUE).toList();
    server.run(Protocol.Command.ACL, "SETUSER", "reader", "on", "nopass", "~*", "+@all", "-mget");
    try (Connection connection = new Connection(RedisServer.address(server.port()))) {
      connection.executeCommand(
          new CommandArguments(Protocol.Command.AUTH).add("reader").add("any"));
      CommandArguments last = new CommandArguments(Protocol.Command.INFO).add("replication");

      assertThatThrownBy(
              () -> requireNonNull(LimitedMget.find()).read(connection, names, limits, last))
          .isInstanceOf(JedisDataException.class)
          .hasMessageStartingWith("NOPERM");
      assertThat(connection.isBroken()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = RedisProtocol.class,
      names = {"RESP2", "RESP3"})
  void readAll_eitherProtocol_valuesAndNone(RedisProtocol protocol) {
    fill(FEW.subList(1, 2), KEPT);
    try (RedisClient speaking =
        RedisClient.builder()
            .hostAndPort(RedisServer.address(server.port()))
            .clientConfig(DefaultJedisClientConfig.builder().protocol(protocol).build())
            .build()) {
      assertThat(answers(RedisStore.create(speaking).readAll(FEW)))
          .hasExactlyElementsOfTypes(Slot.Empty.class, Slot.Value.class, Slot.Empty.class);
    }
  }

  @Test
  void readAll_replyLost_everyoneUnavailable() {
    try (TcpProxy proxy = TcpProxy.to(server.port());
        RedisClient impatient = impatientClient(proxy)) {
      RedisStore impatientStore = RedisStore.create(impatient);
      await().ignoreExceptions().until(() -> impatientStore.read(FEW.get(0)) != null);
      proxy.swallowReplies();
      assertAllFail(impatientStore.readAll(FEW), UnavailableException.class);
      assertThat(impatient.getPool().getNumIdle()).as("silent connections kept").isZero();
    }
  }

  /** Each further command would wait for the time limit too. */
  @Test
  void readAll_replyLostAndMoreKeysThanACommandTakes_oneIsSent() {
    try (TcpProxy proxy = TcpProxy.to(server.port());
        RedisClient impatient = impatientClient(proxy)) {
      List<? extends Reply<?>> read =
          ofSilentServer(proxy, impatient, store -> store.readAll(MANY));
      assertThat(read)
          .hasSize(MANY.size())
          .allSatisfy(reply -> assertFailed(reply, UnavailableException.class));
      assertThat(read.stream().map(reply -> ((Reply.Failed<?>) reply).failure().getCause()))
          .as("what Jedis threw, once for all")
          .containsOnly(((Reply.Failed<?>) read.get(0)).failure().getCause());
    }
  }

  @Test
  void renewAll_replyLostAndMoreKeysThanAPipelineTakes_oneIsSentAndTheRestHasSurelyNotRun() {
    store.renewAll(FEW, BALLOT, LIFE);
    try (TcpProxy proxy = TcpProxy.to(server.port());
        RedisClient impatient = impatientClient(proxy)) {
      List<? extends Reply<?>> renewed =
          ofSilentServer(proxy, impatient, store -> store.renewAll(MANY, BALLOT, LIFE));
      assertThat(renewed.subList(0, Pipelines.MOST_COMMANDS))
          .allSatisfy(reply -> assertFailed(reply, OutcomeUnknownException.class));
      assertThat(renewed.subList(Pipelines.MOST_COMMANDS, MANY.size()))
          .hasSize(MANY.size() - Pipelines.MOST_COMMANDS)
          .allSatisfy(reply -> assertFailed(reply, UnavailableException.class));
      assertThat(server.calls("evalsha")).isLessThanOrEqualTo(Pipelines.MOST_COMMANDS);
    }
  }

  /** Asks a server whose replies are lost from now on. */
  private static List<? extends Reply<?>> ofSilentServer(
      TcpProxy proxy, RedisClient impatient, Function<RedisStore, List<? extends Reply<?>>> verb) {
    RedisStore impatientStore = RedisStore.create(impatient);
    await().ignoreExceptions().until(() -> impatientStore.read(MANY.get(0)) != null);
    proxy.swallowReplies();
    server.run(Protocol.Command.CONFIG, "RESETSTAT");
    return verb.apply(impatientStore);
  }

  @Test
  void verbs_clientThatGivesNoConnections_oneCommandEach() {
    try (Connection connection = new Connection(RedisServer.address(server.port()));
        UnifiedJedis alone = new OfOneConnection(connection)) {
      RedisStore aloneStore = RedisStore.create(alone);
      assertThat(answers(aloneStore.claimAll(FEW, BALLOT, ClaimMode.IF_FREE, LIFE, LIFE)))
          .containsOnly(new ClaimAnswer.Claimed(Version.NONE));
      assertThat(answers(aloneStore.readAll(FEW)))
          .allSatisfy(slot -> assertThat(slot.bare()).isEqualTo(new Slot.Pending(BALLOT, -1)));
    }
  }

  private static final class OfOneConnection extends UnifiedJedis {
    @SuppressWarnings("deprecation")
    OfOneConnection(Connection connection) {
      super(connection);
    }
  }

  @Test
  void readAll_notPermitted_eachRefusedWithItsKeyAndConnectionKept() {
    server.run(Protocol.Command.ACL, "SETUSER", "default", "-mget");
    try (RedisClient stranger = server.client()) {
      List<? extends Reply<?>> replies = RedisStore.create(stranger).readAll(FEW);
      assertAllFail(replies, RefusedException.class);
      assertThat(((Reply.Failed<?>) replies.get(1)).failure())
          .hasMessageStartingWith("bulk:key 1: Redis: NOPERM");
      assertThat(stranger.getPool().getNumIdle()).isEqualTo(1);
    } finally {
      server.run(Protocol.Command.ACL, "SETUSER", "default", "+mget");
    }
  }

  private static RedisClient impatientClient(TcpProxy proxy) {
    return RedisServer.client(proxy.port(), Duration.ofMillis(100), new ConnectionPoolConfig());
  }

  static Stream<Arguments> writing() {
    return Stream.of(
        verb("claim", many -> many.claimAll(FEW, BALLOT, ClaimMode.IF_FREE, LIFE, LIFE)),
        verb("renew", many -> many.renewAll(FEW, BALLOT, LIFE)),
        verb("abandon", many -> many.abandonAll(FEW, BALLOT)),
        verb("fill", many -> many.fillAll(fills(FEW, KEPT))),
        verb("publish", many -> many.publishAll(publishes(FEW))),
        verb("refresh", many -> many.refreshAll(refreshes(FEW))),
        verb("drop", many -> many.dropAll(drops(FEW))));
  }

  private static Arguments verb(String name, Function<RedisStore, ? extends List<?>> verb) {
    return Arguments.of(name, verb);
  }

  @Test
  void verbs_thousandKeysAndScriptsKnown_oneRoundTripEach() {
    for (int i = 0; i < 2; i++) {
      client.flushAll();
      List<Runnable> verbs =
          List.of(
              () ->
                  assertThat(
                          answers(store.claimAll(THOUSAND, BALLOT, ClaimMode.IF_FREE, LIFE, LIFE)))
                      .containsOnly(new ClaimAnswer.Claimed(Version.NONE)),
              () -> assertThat(answers(store.renewAll(THOUSAND, BALLOT, LIFE))).containsOnly(true),
              () ->
                  assertThat(answers(store.fillAll(fills(THOUSAND, KEPT))))
                      .containsOnly(FillAnswer.STORED),
              () -> assertThat(answers(store.abandonAll(THOUSAND, BALLOT))).containsOnly(false),
              () ->
                  assertThat(answers(store.publishAll(publishes(THOUSAND))))
                      .containsOnly(PublishAnswer.STORED),
              () ->
                  assertThat(answers(store.refreshAll(refreshes(THOUSAND))))
                      .containsOnly(RefreshAnswer.STORED),
              () ->
                  assertThat(answers(store.dropAll(drops(THOUSAND))))
                      .containsOnly(PublishAnswer.DROPPED));
      for (Runnable verb : verbs) {
        long most = i == 0 ? 4 : 1;
        assertThat(TRIPS.of(verb)).isBetween(1L, most);
      }
    }
  }

  @Test
  void publishAllAndInvalidateAll_thousandRowsOfACache_oneRoundTripEach() {
    Map<String, Row<String>> rows = new HashMap<>();
    THOUSAND.forEach(key -> rows.put(key.key(), Row.present("row", 8)));
    try (VersionedCache<String, String> cache =
        VersionedCache.<String, String>builder("bulk")
            .source(key -> Row.present("row", 7))
            .store(store)
            .locks(LocalLocks.create())
            .codec(JsonCodec.of(String.class))
            .build()) {
      cache.publishAll(rows);
      cache.invalidateAll(rows.keySet());
      client.flushAll();
      fill(THOUSAND, KEPT);

      assertThat(
              TRIPS.of(
                  () ->
                      assertThat(cache.publishAll(rows).values())
                          .hasSize(1_000)
                          .containsOnly(WriteOutcome.STORED)))
          .isEqualTo(1);
      assertThat(
              TRIPS.of(
                  () ->
                      assertThat(cache.invalidateAll(rows.keySet()).values())
                          .hasSize(1_000)
                          .containsOnly(WriteOutcome.DROPPED)))
          .isEqualTo(1);
      assertThat(answers(store.readAll(THOUSAND))).noneMatch(Slot::isHit);
    }
  }

  @Test
  void fillAll_moreBytesThanOnePipelineTakes_severalRoundTrips() {
    Payload large = Payload.wrap(new byte[Pipelines.MOST_BYTES / 2]);
    store.claimAll(FEW, BALLOT, ClaimMode.IF_FREE, LIFE, LIFE);
    store.fill(FEW.get(0), BALLOT + 1, row(1), FloorRule.AT_OR_ABOVE, KEPT);
    List<Fill> fills =
        FEW.stream()
            .map(
                key ->
                    new Fill(
                        key, BALLOT, new EncodedRow.Present(7, large), FloorRule.AT_OR_ABOVE, KEPT))
            .toList();
    assertThat(
            TRIPS.of(
                () -> assertThat(answers(store.fillAll(fills))).containsOnly(FillAnswer.STORED)))
        .isEqualTo(3);
  }

  @ParameterizedTest
  @MethodSource("writing")
  void verb_scriptsFlushed_eachCarriedOutOnce(
      String name, Function<RedisStore, List<Reply<?>>> verb) {
    client.scriptFlush();
    server.run(Protocol.Command.CONFIG, "RESETSTAT");
    assertThat(verb.apply(store)).hasSize(3).allMatch(Reply.Answered.class::isInstance);
    assertThat(server.calls("time")).as("scripts that ran").isEqualTo(3);
  }

  @ParameterizedTest
  @MethodSource("writing")
  void verb_connectionReset_everyOutcomeUnknown(
      String name, Function<RedisStore, List<Reply<?>>> verb) {
    try (TcpProxy proxy = TcpProxy.to(server.port());
        RedisClient distant = RedisServer.client(proxy.port())) {
      RedisStore distantStore = RedisStore.create(distant);
      distantStore.read(FEW.get(0));
      proxy.reset();
      assertAllFail(verb.apply(distantStore), OutcomeUnknownException.class);
      assertThat(verb.apply(distantStore)).allMatch(Reply.Answered.class::isInstance);
    }
  }

  @ParameterizedTest
  @MethodSource("writing")
  void verb_replyLost_everyOutcomeUnknown(String name, Function<RedisStore, List<Reply<?>>> verb) {
    try (TcpProxy proxy = TcpProxy.to(server.port());
        RedisClient impatient = impatientClient(proxy)) {
      RedisStore impatientStore = RedisStore.create(impatient);
      await().ignoreExceptions().until(() -> impatientStore.read(FEW.get(0)) != null);
      proxy.swallowReplies();
      assertAllFail(verb.apply(impatientStore), OutcomeUnknownException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("writing")
  void verb_connectionRefused_everyoneUnavailable(
      String name, Function<RedisStore, List<Reply<?>>> verb) {
    try (RedisClient nowhere = RedisServer.client(1)) {
      assertAllFail(verb.apply(RedisStore.create(nowhere)), UnavailableException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("writing")
  void verb_clientClosed_everyoneRefused(String name, Function<RedisStore, List<Reply<?>>> verb) {
    RedisClient closed = server.client();
    closed.close();
    assertAllFail(verb.apply(RedisStore.create(closed)), RefusedException.class);
  }

  @Test
  void claimAll_serverRefuses_eachRefusedWithItsKey() {
    server.run(Protocol.Command.REPLICAOF, "127.0.0.1", "1");
    try {
      List<? extends Reply<?>> replies = store.claimAll(FEW, BALLOT, ClaimMode.IF_FREE, LIFE, LIFE);
      assertAllFail(replies, RefusedException.class);
      assertThat(((Reply.Failed<?>) replies.get(1)).failure())
          .hasMessageStartingWith("bulk:key 1: Redis: READONLY");
    } finally {
      server.run(Protocol.Command.REPLICAOF, "NO", "ONE");
    }
  }

  @Test
  void readAll_connectionReset_sentOnceMore() {
    fill(FEW, KEPT);
    try (TcpProxy proxy = TcpProxy.to(server.port());
        RedisClient distant = RedisServer.client(proxy.port())) {
      RedisStore distantStore = RedisStore.create(distant);
      distantStore.read(FEW.get(0));
      proxy.reset();
      assertThat(answers(distantStore.readAll(FEW))).allMatch(Slot::isHit);
    }
  }

  @Test
  void readAll_connectionRefused_everyoneUnavailable() {
    try (RedisClient nowhere = RedisServer.client(1)) {
      assertAllFail(RedisStore.create(nowhere).readAll(FEW), UnavailableException.class);
    }
  }

  private static void assertAllFail(
      List<? extends Reply<?>> replies, Class<? extends RuntimeException> failure) {
    assertThat(replies).hasSize(FEW.size()).allSatisfy(reply -> assertFailed(reply, failure));
  }

  private static void assertFailed(Reply<?> reply, Class<? extends RuntimeException> failure) {
    assertThat(((Reply.Failed<?>) reply).failure()).isInstanceOf(failure);
  }

  private static void fill(List<SlotKey> keys, Lifetime lifetime) {
    store.claimAll(keys, BALLOT, ClaimMode.IF_FREE, LIFE, LIFE);
    assertThat(answers(store.fillAll(fills(keys, lifetime)))).containsOnly(FillAnswer.STORED);
  }

  private static List<Fill> fills(List<SlotKey> keys, Lifetime lifetime) {
    return keys.stream()
        .map(key -> new Fill(key, BALLOT, row(7), FloorRule.AT_OR_ABOVE, lifetime))
        .toList();
  }

  private static List<Publish> publishes(List<SlotKey> keys) {
    return keys.stream()
        .map(key -> new Publish(key, LockHandle.NO_FENCE, row(8), KEPT, LIFE))
        .toList();
  }

  private static List<Refresh> refreshes(List<SlotKey> keys) {
    return keys.stream().map(key -> new Refresh(key, row(8), KEPT, LIFE)).toList();
  }

  private static List<Drop> drops(List<SlotKey> keys) {
    return keys.stream().map(key -> new Drop(key, 9, LIFE)).toList();
  }

  private static EncodedRow row(long version) {
    return new EncodedRow.Present(version, Payload.wrap("row".getBytes(US_ASCII)));
  }

  private static List<SlotKey> keys(int count) {
    return IntStream.range(0, count).mapToObj(i -> new SlotKey("bulk", "key " + i)).toList();
  }

  private static <T> List<T> answers(List<Reply<T>> replies) {
    return replies.stream().map(Reply::get).toList();
  }
}
