package io.tidemark.proof.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.ClaimRule;
import io.tidemark.FallbackPolicy;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.TidemarkException;
import io.tidemark.VersionedCache;
import io.tidemark.WarmOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Nothing waits for ever: whichever server swallows all packets, every kind of call ends within its
 * deadline. Time is counted and not measured: it stands still but where somebody sleeps, by a tenth
 * of the deadline for each time that Redis is waited for in vain, and where the test moves it to
 * the deadline, once the database is asked. All other limits are far, so that a call which waits
 * for a server hangs.
 */
@ExtendWith(ThreeServers.Shared.class)
@TestInstance(Lifecycle.PER_CLASS)
class DeadlinesIT {
  private static final Duration DEADLINE = Clients.FAR;

  /** As the page advises. */
  private static final Duration SILENCE = DEADLINE.dividedBy(10);

  /** The default. */
  private static final Duration WAIT_LIMIT = DEADLINE.multipliedBy(4).dividedBy(5);

  private static final Duration MOMENT = Duration.ofNanos(1);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<Case, CompletableFuture<Duration>> times = new ConcurrentHashMap<>();

  private record Case(Server server, Kind kind, FallbackPolicy policy) {}

  /** Every kind of call. What a write does itself is its own time, so here it does nothing. */
  private enum Kind {
    READ_HIT,
    READ_MISS,
    REFRESH,
    UPDATE,
    UPDATE_BEST_EFFORT,
    PUBLISH,
    INVALIDATE,
    CLEAR,
    READ_ASYNC_HIT,
    READ_ASYNC_MISS,
    UPDATE_ASYNC,
    WARM,
    EXPLAIN,
    CHECK,
    STATS;

    /** Whether the row is cached before. What warms or explains has more to do where it is not. */
    boolean isOfAnEntry() {
      return this != READ_MISS && this != READ_ASYNC_MISS && this != WARM && this != EXPLAIN;
    }

    Object make(VersionedCache<String, String> cache, String key) {
      return switch (this) {
        case READ_HIT, READ_MISS -> cache.read(key);
        case REFRESH -> cache.refresh(key);
        case UPDATE -> cache.update(key, DeadlinesIT::written);
        case UPDATE_BEST_EFFORT -> cache.update(key, ClaimRule.BEST_EFFORT, DeadlinesIT::written);
        case PUBLISH -> cache.publish(key, written());
        case INVALIDATE -> cache.invalidate(key);
        case CLEAR -> cache.clear();
        case READ_ASYNC_HIT, READ_ASYNC_MISS -> resultOf(cache.readAsync(key));
        case UPDATE_ASYNC -> resultOf(cache.updateAsync(key, DeadlinesIT::written));
        case WARM -> cache.warm(List.of(key), WarmOptions.defaults());
        case EXPLAIN -> cache.explain(key);
        case CHECK -> cache.check();
        case STATS -> cache.stats();
      };
    }
  }

  /** What a future ends with is thrown as a call that blocks throws it. */
  private static <T> T resultOf(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TidemarkException failure) {
        throw failure;
      }
      throw e;
    }
  }

  @BeforeAll
  void play(ThreeServers servers) {
    cases().forEach(one -> times.put(one, new CompletableFuture<>()));
    for (Server server : Server.values()) {
      threads.execute(() -> play(servers, server));
    }
  }

  @AfterAll
  void stop() throws Exception {
    threads.shutdown();
    assertThat(threads.awaitTermination(FaultyWorld.PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isTrue();
  }

  static Stream<Case> cases() {
    return Arrays.stream(Server.values())
        .flatMap(
            server ->
                Arrays.stream(Kind.values())
                    .flatMap(kind -> policies(kind).map(policy -> new Case(server, kind, policy))));
  }

  /** The policy is about reads only. */
  private static Stream<FallbackPolicy> policies(Kind kind) {
    return kind == Kind.READ_HIT || kind == Kind.READ_MISS
        ? Arrays.stream(FallbackPolicy.values())
        : Stream.of(FallbackPolicy.FAIL);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void call_serverIsSilent_endsWithinItsDeadline(Case one) throws Throwable {
    CompletableFuture<Duration> time = Objects.requireNonNull(times.get(one));
    try {
      assertThat(time.get(FaultyWorld.PATIENCE.multipliedBy(5).toSeconds(), TimeUnit.SECONDS))
          .isLessThanOrEqualTo(DEADLINE);
    } catch (ExecutionException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }

  /** All cases of a server at once, each with a row and a time of its own. */
  private void play(ThreeServers servers, Server server) {
    List<Case> cases = cases().filter(one -> one.server() == server).toList();
    try (FaultyWorld world = new FaultyWorld(servers, server)) {
      Clients process =
          world.process(
              Clients.Limits.near(server == Server.REDIS ? Set.of(Limit.REDIS) : Set.of()));
      List<Attempt> attempts = cases.stream().map(one -> new Attempt(one, world, process)).toList();
      world.begin(Fault.SWALLOWING);
      try {
        CompletableFuture.allOf(
                attempts.stream()
                    .map(attempt -> CompletableFuture.runAsync(attempt, threads))
                    .toArray(CompletableFuture[]::new))
            .join();
      } finally {
        world.end(Fault.SWALLOWING);
      }
    } catch (Exception e) {
      cases.forEach(one -> Objects.requireNonNull(times.get(one)).completeExceptionally(e));
    }
  }

  /** One call, and how much time has passed when it ends. */
  private final class Attempt implements Runnable {
    private final HandMovedTime time = new HandMovedTime();
    private final CompletableFuture<Void> databaseIsAsked = new CompletableFuture<>();
    private final Case one;
    private final String key;
    private final VersionedCache<String, String> cache;

    Attempt(Case one, FaultyWorld world, Clients process) {
      this.one = one;
      this.key = world.neighbour().newRow(CallOnPage.OLD);
      if (one.kind().isOfAnEntry()) {
        world.neighbour().fill(key);
      }
      boolean zookeeper = one.server() == Server.ZOOKEEPER;
      Source<String, String> source = process.items().source();
      this.cache =
          process.cache(
              // What it removes shall not be what others read.
              one.kind() == Kind.CLEAR ? "cleared" : Items.CACHE,
              asked -> {
                databaseIsAsked.complete(null);
                return source.load(asked);
              },
              new TimedStore(process.store(), time, SILENCE).store(),
              options ->
                  options
                      .ticker(time)
                      .scheduler(time.scheduler())
                      .deadline(DEADLINE)
                      // What is left by the cache's clock the locks wait by the system's.
                      .waitLimit(zookeeper ? Clients.NEAR : WAIT_LIMIT)
                      .grace(Clients.FAR)
                      .onFallback(one.policy()));
    }

    @Override
    public void run() {
      CompletableFuture<Duration> took = Objects.requireNonNull(times.get(one));
      try {
        CompletableFuture<Duration> call = CompletableFuture.supplyAsync(this::call, threads);
        if (one.server() == Server.DATABASE) {
          await(CompletableFuture.anyOf(databaseIsAsked, call));
          if (!call.isDone()) {
            time.pass(DEADLINE.minus(MOMENT));
            assertThat(call).as("before the deadline").isNotDone();
            time.pass(MOMENT);
          }
        }
        took.complete(await(call));
      } catch (Throwable t) {
        took.completeExceptionally(t);
      }
    }

    private Duration call() {
      try {
        Object unused = one.kind().make(cache, key);
      } catch (TidemarkException e) {
        // Whatever it is: the page's tables are FailurePageIT's.
      }
      return time.elapsed();
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
      return future.get(FaultyWorld.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private static Row<String> written() {
    return Row.present(CallOnPage.WRITTEN, Long.MAX_VALUE);
  }
}
