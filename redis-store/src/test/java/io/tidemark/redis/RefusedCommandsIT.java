package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.patience;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.UnavailableException;
import io.tidemark.spi.LockAttempt.Holder;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.SetParams;

/**
 * A user that may not use one command of a script, for each command and each state of a key: the
 * script is carried out either completely or not at all.
 */
class RefusedCommandsIT {
  private static final Duration LIFE = Duration.ofHours(1);
  private static final SlotKey LOCKED = new SlotKey("verbs", "key");
  private static final String LOCK = "tidemark-lock:verbs:key";
  private static final String SLOT = "tidemark:verbs:key";
  private static final String GONE = "none";

  private static final ReleaseMessages.Listener NOBODY =
      new ReleaseMessages.Listener() {
        @Override
        public void onReleased() {}

        @Override
        public void onLookAgain() {}
      };

  /** The states of a lock, by the token of its holder. */
  private static final Map<String, Consumer<RedisClient>> LOCKS =
      new TreeMap<>(
          Map.of(
              "free", client -> {},
              "mine", client -> hold(client, "A" + Tokens.of("mine")),
              "mine, waited for", client -> hold(client, "W" + Tokens.of("mine")),
              "another's", client -> hold(client, "A" + Tokens.of("another")),
              "another's, waited for", client -> hold(client, "W" + Tokens.of("another")),
              "without a life", client -> client.set(LOCK, "A" + Tokens.of("another")),
              "of another type", client -> client.lpush(LOCK, "x"),
              "a foreign text", client -> hold(client, "Another's")));

  private static final Map<String, Consumer<RedisClient>> SLOTS =
      new TreeMap<>(
          Map.of(
              "empty", client -> {},
              "claimed", client -> Verbs.claim(RedisStore.create(client)),
              "a floor", client -> Verbs.publish(RedisStore.create(client), 6),
              "a value", RefusedCommandsIT::fill,
              "of another type", client -> client.lpush(SLOT, "x")));

  private static RedisServer server;
  private static RedisClient admin;
  private static RedisClient limited;

  @BeforeAll
  static void start() {
    server = RedisServer.start();
    admin = server.client();
    server.run(Protocol.Command.ACL, "SETUSER", "limited", "on", ">secret", "~*", "&*", "+@all");
    limited =
        RedisClient.builder()
            .hostAndPort(RedisServer.address(server.port()))
            .clientConfig(
                DefaultJedisClientConfig.builder().user("limited").password("secret").build())
            .build();
  }

  @AfterAll
  static void stop() {
    limited.close();
    admin.close();
    server.close();
  }

  @BeforeEach
  void forget() {
    admin.flushAll();
    refuse("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"acquire", "renew", "release"})
  void lock_commandIsRefused_isCarriedOutOrUnchanged(String verb) {
    for (String command : commandsOf("lock-" + verb + ".lua")) {
      LOCKS.forEach(
          (state, prepare) ->
              assertAllOrNothing(
                  command + " refused, lock is " + state,
                  command,
                  prepare,
                  client -> run(verb, new ScriptedLocks(client, LIFE)),
                  () -> shown(LOCK)));
    }
  }

  @Test
  void lockWithoutScripts_acquireIsRefused_isCarriedOutOrUnchanged() {
    for (String command : List.of("WATCH", "UNWATCH", "GET", "TIME", "PTTL", "MULTI", "SET")) {
      LOCKS.forEach(
          (state, prepare) ->
              assertAllOrNothing(
                  command + " refused, lock is " + state,
                  command,
                  prepare,
                  client -> run("acquire", new WatchedLocks(client, LIFE)),
                  () -> admin.type(LOCK)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"renew", "release"})
  void lockWithoutScripts_verbIsRefused_isCarriedOutOrUnchanged(String verb) {
    for (String command : List.of("WATCH", "GET", "MULTI", "PEXPIRE", "DEL", "EXEC")) {
      admin.flushAll();
      LockCommands lock = new WatchedLocks(limited, LIFE).attempt(LOCK.getBytes(UTF_8), "unused");
      assertThat(lock.acquire()).isInstanceOf(LockReply.Acquired.class);
      String before = shown(LOCK);
      refuse(command);

      Boolean answer =
          outcome(client -> verb.equals("renew") ? lock.renew() : lock.release(), limited);

      assertThat(shown(LOCK))
          .as(command + " refused")
          .isEqualTo(answer == null || verb.equals("renew") ? before : GONE);
      refuse("");
    }
  }

  @ParameterizedTest
  @MethodSource("io.tidemark.redis.Verbs#writing")
  void slot_commandIsRefused_isCarriedOutOrUnchanged(String verb, Consumer<RedisStore> call) {
    List<String> commands =
        verb.equals("clear") ? List.of("SCAN", "UNLINK") : commandsOf("slot.lua");
    for (String command : commands) {
      SLOTS.forEach(
          (state, prepare) ->
              assertAllOrNothing(
                  command + " refused, slot is " + state,
                  command,
                  prepare,
                  client -> {
                    call.accept(RedisStore.create(client));
                    return "done";
                  },
                  RefusedCommandsIT::shownSlot));
    }
  }

  /** The holder may not publish; waiting callers still receive the messages of others. */
  @Test
  void awaitGone_holderMayNotTell_isTrueAllTheSame() {
    refuse("PUBLISH");
    ScheduledExecutorService timer = LockRequests.newTimer();
    LockServer locks = new LockServer(admin, new ScriptedLocks(admin, LIFE), LIFE, timer);
    ReleaseMessages messages = new ReleaseMessages(new ClientPools(admin)::newConnection, timer);
    try (Watches watches = new Watches(locks, Duration.ofMillis(1), timer, messages)) {
      messages.listen("nobody's", NOBODY);
      await().until(messages::areHeard);
      LockCommands lock =
          new ScriptedLocks(limited, LIFE).attempt(LOCK.getBytes(UTF_8), Tokens.of("mine"));
      assertThat(lock.acquire()).isInstanceOf(LockReply.Acquired.class);
      server.run(Protocol.Command.CONFIG, "RESETSTAT");
      CompletableFuture<Boolean> gone =
          CompletableFuture.supplyAsync(
              () -> awaitGone(watches.holder(LOCKED, new LockOwner(Tokens.of("mine"), 0))));
      await().until(() -> server.calls("pttl") > 0);

      assertThat(lock.release()).isTrue();

      assertThat(gone).succeedsWithin(Awaiting.LIMIT).isEqualTo(true);
    } finally {
      timer.shutdownNow();
      locks.shutdown();
    }
  }

  private static boolean awaitGone(Holder holder) {
    try {
      return holder.awaitGone(patience());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static <T> void assertAllOrNothing(
      String what,
      String refused,
      Consumer<RedisClient> prepare,
      Function<RedisClient, T> verb,
      Supplier<String> shown) {
    admin.flushAll();
    prepare.accept(admin);
    T expected = outcome(verb, admin);
    String carriedOut = shown.get();

    admin.flushAll();
    prepare.accept(admin);
    String before = shown.get();
    refuse(refused);
    @Nullable T answer = outcome(verb, limited);
    refuse("");

    if (answer == null) {
      assertThat(shown.get()).as(what + ": unchanged").isEqualTo(before);
    } else {
      assertThat(answer).as(what + ": the answer").isEqualTo(expected);
      // A row without room may be dropped instead.
      assertThat(shown.get()).as(what + ": carried out").isIn(carriedOut, GONE);
    }
  }

  /** The answer, or null if the server refused. */
  private static <T> @Nullable T outcome(Function<RedisClient, T> verb, RedisClient client) {
    try {
      return verb.apply(client);
    } catch (JedisDataException | UnavailableException e) {
      return null;
    }
  }

  private static String run(String verb, LockCommands.Factory locks) {
    LockCommands lock = locks.attempt(LOCK.getBytes(UTF_8), Tokens.of("mine"));
    return switch (verb) {
      case "acquire" -> lock.acquire().getClass().getSimpleName();
      case "renew" -> "" + lock.renew();
      default -> "" + lock.release();
    };
  }

  private static void hold(RedisClient client, String value) {
    client.set(LOCK, value, SetParams.setParams().px(LIFE.toMillis()));
  }

  private static void fill(RedisClient client) {
    Verbs.claim(RedisStore.create(client));
    Verbs.fill(RedisStore.create(client));
  }

  /** Forbids a command to all but the administrator; without one, nothing is refused. */
  private static void refuse(String command) {
    server.run(Protocol.Command.ACL, "SETUSER", "limited", "+@all");
    if (!command.isEmpty()) {
      server.run(Protocol.Command.ACL, "SETUSER", "limited", "-" + command);
    }
  }

  /** The content of a key, and whether it has a time to live. */
  private static String shown(String key) {
    String type = admin.type(key);
    return switch (type) {
      case "none" -> GONE;
      case "string" -> admin.get(key) + (admin.pttl(key) > 0 ? ", ends" : ", stays");
      default -> type;
    };
  }

  private static String shownSlot() {
    Slot slot = RedisStore.create(admin).read(Verbs.KEY);
    return slot instanceof Slot.Empty ? GONE : slot.bare() + " " + admin.type(SLOT);
  }

  /** The commands of the script, and the one that sends it. */
  private static List<String> commandsOf(String script) {
    return Stream.concat(
            Stream.of("EVALSHA"),
            Pattern.compile("redis\\.p?call\\('([A-Z]+)'")
                .matcher(Script.resource(script))
                .results()
                .map(match -> match.group(1)))
        .distinct()
        .toList();
  }
}
