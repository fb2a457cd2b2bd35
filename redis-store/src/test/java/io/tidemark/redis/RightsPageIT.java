package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.Finding.Severity;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/**
 * The rights in docs/rights.md are enough, and each is needed: a server that refuses something
 * writes it into its ACL log.
 */
class RightsPageIT {
  private static final Duration LONG = Duration.ofHours(1);

  private static final SlotKey KEY = Verbs.KEY;
  private static final SlotKey OTHER = new SlotKey(KEY.cache(), "other");

  /** What needs the rights of a block, on a single server, and the findings about them. */
  private static final Map<String, Use> USES =
      Map.of(
          "Slots", new Use("", RightsPageIT::useSlots, RightsPageIT::checkStore),
          "clear", new Use("Slots", RightsPageIT::clear, RightsPageIT::checkStore),
          "check", new Use("clear", RightsPageIT::checkKeeping, RightsPageIT::checkKeeping),
          "RedisLocks",
              new Use(
                  "",
                  client -> {
                    renew(new ScriptedLocks(client, LONG));
                    return useLocks(RedisLocks.create(client), "publish");
                  },
                  client -> check(RedisLocks.create(client))),
          "Redlock",
              new Use(
                  "",
                  client -> {
                    renew(new ScriptedLocks(client, LONG));
                    return useLocks(Redlock.create(List.of(client)));
                  },
                  client -> check(Redlock.create(List.of(client)))),
          "OptimisticRedisLocks",
              new Use(
                  "",
                  client -> {
                    renew(new WatchedLocks(client, LONG));
                    return useLocks(OptimisticRedisLocks.create(client));
                  },
                  client -> check(OptimisticRedisLocks.create(client))));

  /** Nobody waits for a message of a Redlock, and its scripts go on without. */
  private static final Map<String, Set<String>> NOT_NEEDED = Map.of("Redlock", Set.of("+publish"));

  private static RedisServer server;
  private static RedisClient admin;

  private interface Action {
    Object on(RedisClient client) throws Exception;
  }

  private interface Check {
    List<Finding> of(RedisClient client) throws Exception;
  }

  /**
   * What a block is for.
   *
   * @param base the block that it adds to
   */
  private record Use(String base, Action action, Check check) {}

  @BeforeAll
  static void start() {
    server = RedisServer.start();
    admin = server.client();
  }

  @AfterAll
  static void stop() {
    admin.close();
    server.close();
  }

  /** Nothing is known to the server, neither slots nor scripts. */
  @BeforeEach
  void forget() {
    admin.flushAll();
    admin.scriptFlush();
    RightsPage.reset(server);
    server.run(Command.CONFIG, "RESETSTAT");
  }

  static Stream<String> uses() {
    return USES.keySet().stream().sorted();
  }

  static Stream<Arguments> rights() {
    return uses().flatMap(use -> RightsPage.rights(use).map(right -> arguments(use, right)));
  }

  @ParameterizedTest
  @MethodSource("uses")
  void use_withTheRightsOfThePage_isRefusedNothing(String name) throws Exception {
    Use use = use(name);
    grant(name, "");
    try (RedisClient client = client()) {
      use.action().on(client);
      await().until(() -> server.calls("ping") > 0);
      assertThat(refusals()).isEqualTo(NOT_NEEDED.getOrDefault(name, Set.of()));

      assertThat(use.check().of(client))
          .extracting(Finding::severity)
          .doesNotContain(Severity.ERROR);
    }
  }

  @ParameterizedTest
  @MethodSource("rights")
  void use_withoutOneRight_isRefusedAndCheckNamesIt(String name, String right) throws Exception {
    Use use = use(name);
    grant(name, right);
    try (RedisClient client = client()) {
      tryOut(use, client);
      await().untilAsserted(() -> assertThat(refusals()).contains(RightsPage.logged(right)));

      assertThat(use.check().of(client))
          .anySatisfy(
              finding -> assertThat((finding.problem() + " ").split("[ ,;]|: ")).contains(right));
      await().until(() -> admin.keys("tidemark*:tidemark-check:*").isEmpty());
    }
  }

  @Test
  void check_allRightsOfThePage_findsNothing() throws Exception {
    List.of("Slots", "clear", "check", "RedisLocks")
        .forEach(block -> RightsPage.grant(server, block));
    try (RedisClient client = client()) {
      assertThat(checkStore(client)).isEmpty();
      assertThat(check(RedisLocks.create(client))).isEmpty();
      assertThat(refusals()).isEmpty();
    }
  }

  private static void tryOut(Use use, RedisClient client) {
    try {
      use.action().on(client);
    } catch (Exception e) {
      // The server's log tells what was refused.
    }
  }

  private static Object useSlots(RedisClient client) {
    return useSlots(client, KEY, OTHER);
  }

  static Object useSlots(UnifiedJedis client, SlotKey key, SlotKey other) {
    RedisStore store = RedisStore.create(client);
    store.limit(key.cache(), 1_000);
    store.claim(key, Verbs.FENCE, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    store.fill(
        key,
        Verbs.FENCE,
        Verbs.row(7),
        FloorRule.AT_OR_ABOVE,
        new Lifetime(Duration.ofMillis(1), LONG));
    await()
        .until(
            () ->
                store.read(key) instanceof Slot.Value value
                    && value.freshness() == Slot.Freshness.EXPIRED);
    store.claim(key, Verbs.FENCE + 1, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    store.claim(other, Verbs.FENCE, ClaimMode.ALWAYS, LONG, Duration.ZERO);
    store.abandon(other, Verbs.FENCE);
    store.publish(key, LockHandle.NO_FENCE, Verbs.row(8), new Lifetime(LONG, Duration.ZERO), LONG);
    return store.readAll(List.of(key, other)).stream().map(reply -> reply.get()).toList();
  }

  private static Object clear(RedisClient client) {
    return clear(client, KEY);
  }

  static Object clear(UnifiedJedis client, SlotKey key) {
    RedisStore store = RedisStore.create(client);
    store.claim(key, Verbs.FENCE, ClaimMode.ALWAYS, LONG, LONG);
    return store.clear(key.cache(), count -> {});
  }

  private static List<Finding> checkStore(RedisClient client) {
    return RedisStore.create(client).check();
  }

  private static List<Finding> checkKeeping(RedisClient client) {
    return RedisStore.builder(client).failover(Failover.KEEP).build().check();
  }

  static void renew(LockCommands.Factory locks) {
    LockCommands lock = locks.attempt("tidemark-lock:verbs:renewed".getBytes(UTF_8), "unused");
    lock.acquire();
    lock.renew();
    lock.release();
  }

  /**
   * Holds a lock, while another caller finds it held and waits.
   *
   * @param told the command by which that caller hears of the release, if there is one
   */
  private static Object useLocks(LockProvider locks, String... told) throws Exception {
    return useLocks(locks, KEY, RightsPageIT::awaitSentOrRefused, told);
  }

  /** Does likewise with a key, and waits for commands as given. */
  static Object useLocks(
      LockProvider locks, SlotKey key, Consumer<String> awaitSent, String... told)
      throws Exception {
    try {
      try (LockHandle handle = acquireOnceFree(locks, key)) {
        assertThat(handle.fence()).isPositive();
        Held held = (Held) locks.tryAcquire(key, patience());
        assertThat(held.holder().awaitGone(Deadline.after(Duration.ofMillis(1)))).isFalse();
        assertThat(locks.holder(key, patience())).isPresent();
        awaitSent.accept(told.length == 0 ? "ping" : "subscribe");
      }
      for (String command : told) {
        awaitSent.accept(command);
      }
      acquireOnceFree(locks, key).close();
      return "done";
    } finally {
      ((AutoCloseable) locks).close();
    }
  }

  private static void awaitSentOrRefused(String command) {
    await().until(() -> server.calls(command) > 0 || !refusals().isEmpty());
  }

  private static List<Finding> check(LockProvider locks) throws Exception {
    List<Finding> findings = locks.check("products");
    ((AutoCloseable) locks).close();
    return findings;
  }

  /** Makes the user with the rights of a block and of those that it adds to, but for one. */
  private static void grant(String name, String without) {
    String base = use(name).base();
    if (!base.isEmpty()) {
      grant(base, "");
    }
    RightsPage.grant(server, name, without);
  }

  private static Use use(String name) {
    return Objects.requireNonNull(USES.get(name), name);
  }

  private static RedisClient client() {
    return RedisClient.builder()
        .hostAndPort(RedisServer.address(server.port()))
        .clientConfig(
            RightsPage.user().timeoutMillis(Math.toIntExact(Awaiting.LIMIT.toMillis())).build())
        .poolConfig(RightsPage.pool())
        .build();
  }

  private static Set<String> refusals() {
    return RightsPage.refusals(server);
  }
}
