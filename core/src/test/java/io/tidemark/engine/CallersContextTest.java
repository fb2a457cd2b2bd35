package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.FallbackPolicy;
import io.tidemark.RefreshAhead;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WarmOptions;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The first caller's thread makes the thread that goes on to load for others. */
class CallersContextTest {
  private static final InheritableThreadLocal<String> USER = new InheritableThreadLocal<>();

  private final Fleet fleet = new Fleet();
  private final ClassLoader ofTheCaller = new URLClassLoader(new URL[0]);
  private final List<String> users = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final List<ClassLoader> loaders = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    fleet.close();
  }

  /** Every way to have the source asked on a thread of the cache's. */
  private enum Way {
    READ(cache -> cache.read("a")),
    READ_ASYNC(cache -> cache.readAsync("a").get()),
    REFRESH(cache -> cache.refresh("a")),
    WARM(cache -> cache.warm(List.of("a"), WarmOptions.defaults())),
    EXPLAIN(cache -> cache.explain("a"));

    @SuppressWarnings("ImmutableEnumChecker") // Lambdas that capture nothing.
    private final Call call;

    Way(Call call) {
      this.call = call;
    }
  }

  @FunctionalInterface
  private interface Call {
    Object on(VersionedCache<String, String> cache) throws Exception;
  }

  @ParameterizedTest
  @EnumSource
  void load_anyWay_seesNothingOfTheCallers(Way way) throws Exception {
    asAlice(() -> way.call.on(fleet.cacheOf(this::load)));

    assertNothingSeen();
  }

  @Test
  void load_pastTheCache_seesNothingOfTheCallers() throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            Fleet.NO_LOCKS,
            this::load,
            options -> options.onFallback(FallbackPolicy.LOAD));

    asAlice(() -> cache.read("a"));

    assertNothingSeen();
  }

  @Test
  void load_ahead_seesNothingOfTheCallers() throws Exception {
    fleet.cache().publish("a", load("a"));
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            this::load,
            options ->
                options.refreshAhead(RefreshAhead.afterFraction(0.5)).ttl(Duration.ofHours(1)));
    cache.read("a");
    fleet.pass(Duration.ofMinutes(55));
    clear();

    asAlice(() -> cache.read("a"));

    await().until(() -> !users.isEmpty());
    assertNothingSeen();
  }

  @Test
  void updateAsync_write_seesNothingOfTheCallers() throws Exception {
    VersionedCache<String, String> cache = fleet.cache();

    asAlice(() -> cache.updateAsync("a", () -> load("a")).get());

    assertNothingSeen();
  }

  @Test
  void threads_madeByACallersCalls_haveNothingOfTheCallers() throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.claimLife(Duration.ofMillis(30)));

    asAlice(() -> cache.readAsync("a").get());

    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> thread.getName().startsWith("tidemark-test-"))
        .isNotEmpty()
        .allSatisfy(thread -> assertThat(thread.getContextClassLoader()).isNotSameAs(ofTheCaller));
    assertThat(fleet.store.read(slotKey("a")).isHit()).isTrue();
  }

  private Row<String> load(String key) {
    users.add("" + USER.get());
    threads.add(Thread.currentThread());
    loaders.add(Thread.currentThread().getContextClassLoader());
    return Row.present("orders of " + USER.get(), 1);
  }

  private void clear() {
    users.clear();
    threads.clear();
    loaders.clear();
  }

  private void assertNothingSeen() {
    assertThat(users).isNotEmpty().containsOnly("null");
    assertThat(loaders).containsOnly(VersionedCache.class.getClassLoader());
    assertThat(threads).noneMatch(CallersContextTest::isOfTheCommonPool);
  }

  private static boolean isOfTheCommonPool(Thread thread) {
    return thread.getName().startsWith("ForkJoinPool.commonPool");
  }

  private void asAlice(Callable<?> call) throws Exception {
    Future<?> done =
        fleet.call(
            () -> {
              USER.set("alice");
              Thread.currentThread().setContextClassLoader(ofTheCaller);
              return call.call();
            });
    done.get();
  }
}
