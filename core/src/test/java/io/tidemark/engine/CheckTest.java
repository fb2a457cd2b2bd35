package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheClosedException;
import io.tidemark.CallOptions;
import io.tidemark.FallbackPolicy;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.UnsafeSetupException;
import io.tidemark.VersionedCache;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CheckTest {
  private static final Finding PERSISTENT = Finding.warning("disk", "it is on", "switch it off");
  private static final Finding REPLICA = Finding.error("role", "a replica", "take the primary");

  private final Fleet fleet = new Fleet();
  private final List<Finding> ofStore = new CopyOnWriteArrayList<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile @Nullable Duration crashNoticedWithin;
  private final VersionedCache<String, String> cache =
      fleet.cache(
          new ForwardingStore(fleet.store) {
            @Override
            public List<Finding> check() {
              return ofStore;
            }
          },
          new LockProvider() {
            @Override
            public LockAttempt tryAcquire(SlotKey key, Deadline deadline)
                throws InterruptedException {
              return fleet.locks.tryAcquire(key, deadline);
            }

            @Override
            public Optional<Duration> crashNoticedWithin() {
              return Optional.ofNullable(crashNoticedWithin);
            }

            @Override
            public List<Finding> check(String cache) {
              asked.add(cache);
              return List.of(Finding.warning("session", "too long", "shorten it"));
            }
          },
          fleet.table,
          options -> options.deadline(Duration.ofSeconds(10)));

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void check_warnings_areReturnedOfStoreAndLocks() {
    ofStore.add(PERSISTENT);

    assertThat(cache.check())
        .containsExactly(PERSISTENT, Finding.warning("session", "too long", "shorten it"));
    assertThat(asked).containsExactly("test");
  }

  /** As of the pool of a client that both use. */
  @Test
  void check_sameWarningOfStoreAndLocks_isToldOnce() {
    ofStore.add(Finding.warning("session", "too long", "shorten it"));

    assertThat(cache.check()).hasSize(1);
  }

  @Test
  void check_crashIsNoticedBeforeTheWaitLimit_hasNothingToSay() {
    crashNoticedWithin = Duration.ofSeconds(8).minusMillis(1);

    assertThat(cache.check()).hasSize(1);
  }

  @Test
  void check_crashIsNoticedTooLateForTheWaitLimit_isAWarningWithTimesAndAdvice() {
    crashNoticedWithin = Duration.ofSeconds(8);

    assertThat(cache.check())
        .extracting(Finding::toString)
        .contains(
            "waitLimit: it is PT8S, and the lock of a process that has crashed may stay taken"
                + " for PT8S: until then reads of its keys fail; raise deadline and waitLimit above"
                + " that time, shorten the session timeout or the life of the locks, or take"
                + " onFallback(LOAD)");
  }

  @Test
  void check_crashIsNoticedTooLateButReadsFallBack_saysSo() {
    crashNoticedWithin = Duration.ofSeconds(8);

    assertThat(cache.with(CallOptions.none().onFallback(FallbackPolicy.LOAD)).check())
        .extracting(Finding::problem)
        .last()
        .asString()
        .endsWith("until then onFallback decides about reads of its keys");
  }

  @Test
  void check_withOtherTerms_isAboutThose() {
    crashNoticedWithin = Duration.ofSeconds(8);

    assertThat(cache.with(CallOptions.none().deadline(Duration.ofSeconds(11))).check()).hasSize(1);
  }

  @Test
  void check_sourceAndReplica_areAskedToo() {
    Finding ofSource = Finding.warning("column version", "may be null", "make it not null");
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            new CheckedSource(ofSource),
            options ->
                options.replica(new CheckedSource(PERSISTENT)).replicaLag(Duration.ofSeconds(1)));

    assertThat(cache.check()).containsExactly(ofSource, PERSISTENT);
  }

  @Test
  void check_anErrorOfTheSource_isThrown() {
    VersionedCache<String, String> cache = fleet.cacheOf(new CheckedSource(REPLICA));

    assertThatThrownBy(cache::check).hasMessage("test: role: a replica; take the primary");
  }

  @Test
  void check_anError_isThrownWithTheAdvice() {
    ofStore.addAll(List.of(PERSISTENT, REPLICA));

    assertThatThrownBy(cache::check)
        .isInstanceOf(UnsafeSetupException.class)
        .hasMessage("test: role: a replica; take the primary");
  }

  @Test
  void check_closedCache_throws() {
    cache.close();

    assertThatThrownBy(cache::check).isInstanceOf(CacheClosedException.class);
  }

  @Test
  void check_inMemory_hasNothingToSay() {
    assertThat(fleet.cache().check()).isEmpty();
  }

  private record CheckedSource(Finding finding) implements Source<String, String> {
    @Override
    public Row<String> load(String key) {
      return Row.absent();
    }

    @Override
    public List<Finding> check() {
      return List.of(finding);
    }
  }
}
