package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Drop;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.TcpProxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPortMapper;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.exceptions.JedisDataException;

/** Every verb while the hash slot of its key moves to another master. */
class ClusterMoveIT {
  private static final Duration LIFE = Duration.ofHours(1);
  private static final Lifetime LIFETIME = new Lifetime(LIFE, Duration.ZERO);
  private static final long FENCE = 5;

  /** The port of tcpmux, which no machine runs. */
  private static final int PORT_OF_NOBODY = 1;

  private static final int MOST_ATTEMPTS = RedisClusterClient.DEFAULT_MAX_ATTEMPTS;

  private static RedisCluster cluster;
  private static RedisServer source;
  private static RedisServer target;
  private static RedisServer third;

  /** The hash slots of the tests so far, which have moved. */
  private static final Set<Integer> MOVED = new HashSet<>();

  /** The hash slot that a test moves. */
  private SlotKey key = Verbs.KEY;

  /** Where a key of the hash slot is when a verb is called. */
  enum Stage {
    LEFT_BEHIND,
    GONE_AHEAD,
    MISSING,
    MOVED,
    MOVED_TWICE
  }

  @BeforeAll
  static void startCluster() {
    cluster = RedisCluster.start(3);
    source = cluster.masters().get(0);
    target = cluster.masters().get(1);
    third = cluster.masters().get(2);
    learnScripts();
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @BeforeEach
  void chooseHashSlot() {
    key =
        IntStream.iterate(0, i -> i + 1)
            .mapToObj(i -> cluster.keyOfFirstMaster("moving" + i))
            .filter(each -> MOVED.add(RedisCluster.hashSlot(each)))
            .findFirst()
            .orElseThrow();
  }

  @AfterEach
  void forget() {
    cluster.masters().forEach(master -> master.run(Protocol.Command.FLUSHALL));
    // Ends the moves.
    cluster.endMove(hashSlot(), source, target);
  }

  static Stream<Arguments> stages() {
    return Arrays.stream(Stage.values())
        .flatMap(stage -> Stream.of(arguments(stage, 1), arguments(stage, MOST_ATTEMPTS)));
  }

  @ParameterizedTest
  @MethodSource("stages")
  void verb_hashSlotOnTheMove_answersAndRunsOnce(Stage stage, int attempts) {
    try (RedisClusterClient client = cluster.client(attempts)) {
      RedisStore store = RedisStore.create(client);
      fill(store, 1);
      move(stage);
      // To another server, what it has not written itself is lost.
      assertThat(store.read(key).isHit()).isEqualTo(stage == Stage.LEFT_BEHIND);

      assertThat(once(() -> store.claim(key, FENCE, ClaimMode.ALWAYS, LIFE, LIFE)))
          .isInstanceOf(ClaimAnswer.Claimed.class);
      assertThat(once(() -> store.renew(key, FENCE, LIFE))).isTrue();
      assertThat(once(() -> store.fill(key, FENCE, row(2), FloorRule.AT_OR_ABOVE, LIFETIME)))
          .isEqualTo(FillAnswer.STORED);
      assertThat(once(() -> store.refresh(key, row(3), LIFETIME, LIFE)))
          .isEqualTo(RefreshAnswer.STORED);
      assertThat(once(() -> store.publish(key, LockHandle.NO_FENCE, row(4), LIFETIME, LIFE)))
          .isEqualTo(PublishAnswer.STORED);
      assertThat(store.read(key).isHit()).isTrue();
      assertThat(once(() -> store.drop(key, 5, LIFE))).isEqualTo(PublishAnswer.DROPPED);
      assertThat(store.read(key).isHit()).isFalse();
      assertThat(once(() -> store.claim(key, FENCE, ClaimMode.ALWAYS, LIFE, LIFE)))
          .isInstanceOf(ClaimAnswer.Claimed.class);
      assertThat(once(() -> store.abandon(key, FENCE))).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("stages")
  void verbForMany_someHashSlotsOnTheMove_allAnswerAndRunOnce(Stage stage, int attempts) {
    try (RedisClusterClient client = cluster.client(attempts)) {
      RedisStore store = RedisStore.create(client);
      List<SlotKey> keys = Stream.concat(Stream.of(key), keys("still", 50)).toList();
      fill(store, 1);
      move(stage);
      assertThat(store.readAll(keys)).allMatch(Reply.Answered.class::isInstance);

      long before = scripts();
      assertThat(store.claimAll(keys, FENCE, ClaimMode.ALWAYS, LIFE, LIFE))
          .allMatch(reply -> reply.get() instanceof ClaimAnswer.Claimed);
      assertThat(store.renewAll(keys, FENCE, LIFE)).allMatch(Reply::get);
      assertThat(store.dropAll(keys.stream().map(its -> new Drop(its, 7, LIFE)).toList()))
          .allMatch(reply -> reply.get() == PublishAnswer.DROPPED);
      assertThat(scripts() - before).isEqualTo(3L * keys.size());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, MOST_ATTEMPTS})
  void verbForMany_keysOfOneHashSlotOnBothMasters_allAnswerAndRunOnce(int attempts) {
    try (RedisClusterClient client = cluster.client(attempts)) {
      RedisStore store = RedisStore.create(client);
      List<SlotKey> keys = keysOfHashSlot(40);
      store.claimAll(keys, FENCE, ClaimMode.ALWAYS, LIFE, LIFE);
      cluster.beginMove(hashSlot(), source, target);
      keys.stream().skip(20).forEach(its -> cluster.migrate(name(its), source, target));

      long before = scripts();
      assertThat(store.readAll(keys)).allMatch(Reply.Answered.class::isInstance);
      assertThat(store.claimAll(keys, FENCE, ClaimMode.ALWAYS, LIFE, LIFE))
          .allMatch(reply -> reply.get() instanceof ClaimAnswer.Claimed);
      assertThat(scripts() - before).isEqualTo(keys.size());
    }
  }

  @ParameterizedTest
  @MethodSource("stages")
  void lock_hashSlotOnTheMove_takenRenewedAndReleased(Stage stage, int attempts) {
    try (RedisClusterClient client = cluster.client(attempts)) {
      LockCommands.Factory locks = new ScriptedLocks(client, LIFE);
      byte[] name = name(key).getBytes(UTF_8);
      LockCommands lock = locks.attempt(name, Tokens.of("one"));
      if (stage != Stage.MISSING) {
        assertThat(lock.acquire()).isInstanceOf(LockReply.Acquired.class);
      }
      move(stage);

      assertThat(once(lock::acquire)).isInstanceOf(LockReply.Acquired.class);
      assertThat(once(() -> locks.attempt(name, Tokens.of("other")).acquire()))
          .isInstanceOf(LockReply.Held.class);
      assertThat(locks.owner(name)).isPresent();
      assertThat(once(lock::renew)).isTrue();
      assertThat(once(lock::release)).isTrue();
      assertThat(locks.owner(name)).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("stages")
  void clear_hashSlotOnTheMove_removesAll(Stage stage, int attempts) {
    try (RedisClusterClient client = cluster.client(attempts)) {
      RedisStore store = RedisStore.create(client);
      fill(store, 1);
      keys(key.cache(), 50).forEach(its -> claim(store, its));
      move(stage);

      assertThat(store.clear(key.cache())).isEqualTo(stage == Stage.MISSING ? 50 : 51);
      assertThat(store.read(key).isHit()).isFalse();
    }
  }

  /** What a server is asked in the same round trip must be what the answering server says. */
  @ParameterizedTest
  @MethodSource("stages")
  void sendTogether_hashSlotOnTheMove_serverOfTheKeyAnswersAll(Stage stage, int attempts) {
    try (RedisClusterClient client = cluster.client(attempts)) {
      fill(RedisStore.create(client), 1);
      move(stage);
      byte[] name = name(key).getBytes(UTF_8);

      List<?> replies =
          new Commands(client)
              .sendTogether(
                  name,
                  List.of(
                      new CommandArguments(Protocol.Command.STRLEN).key(name),
                      new CommandArguments(Protocol.Command.CLUSTER).add("MYID"),
                      new CommandArguments(Protocol.Command.CONFIG).add("FET")));

      assertThat((Long) replies.get(0) > 0).isEqualTo(stage != Stage.MISSING);
      RedisServer holder =
          switch (stage) {
            case LEFT_BEHIND -> source;
            case GONE_AHEAD, MISSING, MOVED -> target;
            case MOVED_TWICE -> third;
          };
      assertThat(replies.get(1)).isEqualTo(holder.run(Protocol.Command.CLUSTER, "MYID"));
      assertThat(replies.get(2)).isInstanceOf(JedisDataException.class);
    }
  }

  @Test
  void verb_mastersDisagreeForEver_unavailableAndTellsTheWay() {
    try (RedisClusterClient client = cluster.client(1)) {
      RedisStore store = RedisStore.create(client);
      cluster.mislead(source, hashSlot(), target);

      assertThatExceptionOfType(UnavailableException.class)
          .isThrownBy(() -> claim(store, key))
          .withMessageContaining("do not agree on who has hash slot " + hashSlot())
          .withMessageContaining(
              ", at %s → %s (MOVED) → %s (MOVED)"
                  .formatted(address(source), address(target), address(source)));
    }
  }

  static Stream<Arguments> claimings() {
    Consumer<RedisStore> ofOne = store -> claim(store, Verbs.KEY);
    Consumer<RedisStore> ofMany =
        store -> {
          List<SlotKey> keys = List.of(Verbs.KEY);
          store.claimAll(keys, FENCE, ClaimMode.ALWAYS, LIFE, LIFE).get(0).get();
        };
    return Stream.of(1, MOST_ATTEMPTS)
        .flatMap(
            attempts ->
                Stream.of(
                    arguments(attempts, "claim", ofOne), arguments(attempts, "claimAll", ofMany)));
  }

  /** A lost reply proves nothing, unlike a redirection. */
  @ParameterizedTest
  @MethodSource("claimings")
  void verb_replyLost_unknownAndNotSentAgainAndTellsTheServer(
      int attempts, String name, Consumer<RedisStore> claim) {
    RedisServer owner = cluster.firstOwner(RedisCluster.hashSlot(Verbs.KEY));
    try (TcpProxy proxy = TcpProxy.to(owner.port());
        RedisClusterClient client = clientThatReaches(owner, proxy.port(), attempts)) {
      RedisStore store = RedisStore.create(client);
      assertThat(store.read(Verbs.KEY).isHit()).isFalse();
      long before = scripts();
      proxy.swallowReplies();
      CompletableFuture<Void> call = CompletableFuture.runAsync(() -> claim.accept(store));
      await().until(() -> scripts() > before);

      // Resets the connection, and would let another sending through.
      proxy.forward();

      assertThat(call)
          .failsWithin(Awaiting.LIMIT)
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(OutcomeUnknownException.class)
          .withMessageEndingWith(", at " + address(owner));
      assertThat(scripts() - before).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, MOST_ATTEMPTS})
  void verb_sentOnToServerThatIsDown_unavailableAndTellsTheWay(int attempts) {
    try (RedisClusterClient client = clientThatReaches(target, PORT_OF_NOBODY, attempts)) {
      RedisStore store = RedisStore.create(client);
      move(Stage.MISSING);
      String way = ", at %s → %s (ASK)".formatted(address(source), address(target));

      assertThatExceptionOfType(UnavailableException.class)
          .isThrownBy(() -> claim(store, key))
          .withMessageContaining("Failed to connect to ")
          .withMessageEndingWith(way);
      assertThatExceptionOfType(UnavailableException.class)
          .isThrownBy(() -> store.read(key))
          .withMessageEndingWith(way);
    }
  }

  /** A client that reaches one master by another port. */
  private static RedisClusterClient clientThatReaches(RedisServer server, int port, int attempts) {
    HostAndPortMapper mapper =
        address -> address.getPort() == server.port() ? RedisServer.address(port) : address;
    return cluster.client(
        attempts,
        DefaultJedisClientConfig.builder().hostAndPortMapper(mapper),
        new ConnectionPoolConfig());
  }

  private void move(Stage stage) {
    if (stage == Stage.MISSING) {
      source.run(Protocol.Command.DEL, name(key));
    }
    cluster.beginMove(hashSlot(), source, target);
    if (stage == Stage.GONE_AHEAD || stage == Stage.MOVED || stage == Stage.MOVED_TWICE) {
      migrateAll(source, target);
    }
    if (stage == Stage.MOVED || stage == Stage.MOVED_TWICE) {
      cluster.endMove(hashSlot(), source, target);
    }
    if (stage == Stage.MOVED_TWICE) {
      cluster.beginMove(hashSlot(), target, third);
      migrateAll(target, third);
      cluster.endMove(hashSlot(), target, third);
    }
  }

  private void migrateAll(RedisServer from, RedisServer to) {
    String slot = Integer.toString(hashSlot());
    List<?> names = (List<?>) from.run(Protocol.Command.CLUSTER, "GETKEYSINSLOT", slot, "1000");
    names.forEach(each -> cluster.migrate(new String((byte[]) each, UTF_8), from, to));
  }

  private void fill(RedisStore store, long version) {
    claim(store, key);
    store.fill(key, FENCE, row(version), FloorRule.AT_OR_ABOVE, LIFETIME);
  }

  private static void claim(RedisStore store, SlotKey its) {
    store.claim(its, FENCE, ClaimMode.ALWAYS, LIFE, LIFE);
  }

  private static EncodedRow row(long version) {
    return new EncodedRow.Present(version, Payload.wrap(new byte[] {1}));
  }

  private int hashSlot() {
    return RedisCluster.hashSlot(key);
  }

  private static String name(SlotKey its) {
    return new String(SlotFormat.key(its), UTF_8);
  }

  private static Stream<SlotKey> keys(String cache, int count) {
    return IntStream.range(0, count).mapToObj(i -> new SlotKey(cache, "other " + i));
  }

  /** Keys that share the hash slot of a test by a tag. */
  private List<SlotKey> keysOfHashSlot(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new SlotKey(key.cache(), "{" + name(key) + "}" + i))
        .toList();
  }

  private static String address(RedisServer server) {
    return RedisServer.address(server.port()).toString();
  }

  /** Calls a verb, and sees to it that it ran once. Servers do not count what they redirect. */
  private static <T> T once(Supplier<T> verb) {
    long before = scripts();
    T answer = verb.get();
    assertThat(scripts() - before).isEqualTo(1);
    return answer;
  }

  private static long scripts() {
    return cluster.masters().stream().mapToLong(master -> master.calls("evalsha")).sum();
  }

  /** Runs every script on every master, which else would be sent twice. */
  private static void learnScripts() {
    try (RedisClusterClient client = cluster.client()) {
      RedisStore store = RedisStore.create(client);
      LockCommands.Factory locks = new ScriptedLocks(client, LIFE);
      keys("learnt", 50)
          .forEach(
              its -> {
                claim(store, its);
                store.renew(its, FENCE, LIFE);
                store.fill(its, FENCE, row(1), FloorRule.AT_OR_ABOVE, LIFETIME);
                store.refresh(its, row(1), LIFETIME, LIFE);
                store.publish(its, LockHandle.NO_FENCE, row(1), LIFETIME, LIFE);
                store.drop(its, 1, LIFE);
                store.abandon(its, FENCE);
                LockCommands lock = locks.attempt(name(its).getBytes(UTF_8), Tokens.of("one"));
                lock.acquire();
                lock.renew();
                lock.release();
              });
    }
  }
}
