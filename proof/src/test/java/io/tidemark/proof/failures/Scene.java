package io.tidemark.proof.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.CacheBuilder;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.Source;
import io.tidemark.VersionedCache;
import io.tidemark.proof.failures.Page.Cell;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One cell as it is played: before its fault, during it, and after it. The call can end by the
 * limits that the cell names, and by no other: those of clients are far, and the cache's time
 * stands still but where the test moves it. For one thread at a time.
 */
final class Scene {
  private static final Duration DEADLINE = Clients.FAR;
  private static final Duration WAIT_LIMIT = DEADLINE.dividedBy(2);

  /** It is not over when the deadline is. */
  private static final Duration GRACE = DEADLINE.multipliedBy(2);

  private final Cell cell;
  private final FaultyWorld world;
  private final HandMovedTime time = new HandMovedTime();
  private final CompletableFuture<Void> sourceIsAsked = new CompletableFuture<>();
  private String key = "";
  private @Nullable Clients process;
  private @Nullable VersionedCache<String, String> cache;
  private String answer = "none";

  Scene(Cell cell, FaultyWorld world) {
    this.cell = cell;
    this.world = world;
  }

  Cell cell() {
    return cell;
  }

  /** What came of the call. */
  String answer() {
    return answer;
  }

  /**
   * Makes the row, and the entry if there is to be one: by the neighbour, so that no lock is held.
   */
  void prepare() throws Exception {
    key = world.neighbour().newRow(CallOnPage.OLD);
    Clients clients = world.process(Clients.Limits.near(clientLimits()));
    Source<String, String> source = clients.items().source();
    process = clients;
    cache =
        clients.cache(
            Items.CACHE,
            asked -> {
              sourceIsAsked.complete(null);
              return source.load(asked);
            },
            clients.store(),
            this::configure);
    switch (cell.call()) {
      case READ_HIT, UPDATE -> world.neighbour().fill(key);
      case READ_EXPIRED -> world.neighbour().fillExpired(key);
      case READ_MISS -> {}
    }
  }

  /** Makes the call while the fault is there; then the neighbour writes, where it can. */
  void play(Executor threads) throws Exception {
    CompletableFuture<String> call =
        CompletableFuture.supplyAsync(
            () -> cell.call().make(cache(), process().items(), key), threads);
    if (cell.limits().contains(Limit.DEADLINE)) {
      await(CompletableFuture.anyOf(sourceIsAsked, call));
      time.pass(DEADLINE);
    } else if (cell.limits().contains(Limit.WAIT) && !waitsForZooKeeper()) {
      // It sleeps before it tries again.
      await(CompletableFuture.anyOf(time.slept(), call));
      time.pass(WAIT_LIMIT);
    }
    answer = await(call);
    if (cell.fault().isOfTheNetwork()) {
      world.neighbour().publish(key, "newer");
    }
  }

  /** Reads what is committed, and what the neighbour writes then. */
  void check() throws Exception {
    VersionedCache<String, String> reading = process().failing();
    assertThat(FaultyWorld.readWhenMended(reading, key))
        .isEqualTo(world.neighbour().committed(key));
    world.neighbour().update(key, "newest");
    assertThat(FaultyWorld.readWhenMended(reading, key)).isEqualTo("newest");
  }

  /** A client of Redis that does not give up would keep the thread of any call. */
  private Set<Limit> clientLimits() {
    return cell.server() == Server.REDIS && cell.fault() == Fault.SWALLOWING
        ? Set.of(Limit.REDIS)
        : cell.limits();
  }

  /** The locks wait for ZooKeeper by the system's clock, for what is left by the cache's. */
  private boolean waitsForZooKeeper() {
    return cell.server() == Server.ZOOKEEPER;
  }

  private CacheBuilder<String, String> configure(CacheBuilder<String, String> options) {
    boolean near = cell.limits().contains(Limit.WAIT) && waitsForZooKeeper();
    options
        .ticker(time)
        .scheduler(time.scheduler())
        .deadline(DEADLINE)
        .waitLimit(near ? Clients.NEAR : WAIT_LIMIT);
    return switch (cell.policy()) {
      case "FAIL" -> options;
      case "LOAD" -> options.onFallback(FallbackPolicy.LOAD);
      case "STALE" -> options.grace(GRACE).onFallback(FallbackPolicy.STALE);
      case "onLoadFailure(STALE)" -> options.grace(GRACE).onLoadFailure(LoadFailurePolicy.STALE);
      default -> throw new IllegalStateException("policy '" + cell.policy() + "' is none");
    };
  }

  private VersionedCache<String, String> cache() {
    return Objects.requireNonNull(cache);
  }

  private Clients process() {
    return Objects.requireNonNull(process);
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(FaultyWorld.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
