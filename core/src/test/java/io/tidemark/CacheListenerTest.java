package io.tidemark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheEvent.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CacheListenerTest {
  private final Fleet fleet = new Fleet();
  private final List<Kind> told = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void read_sourceThrowsAnError_isToldAsAFailedLoad() {
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            key -> {
              throw new AssertionError("broken");
            },
            options -> options.listener(event -> told.add(event.kind())));

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(AssertionError.class);

    assertThat(told).containsSubsequence(Kind.LOAD, Kind.LOAD_FAILED);
  }

  @Test
  void readAsync_noThreadIsFree_isToldAsAFailedRead() {
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options
                    .deadline(Duration.ofMillis(20))
                    .executor(task -> {})
                    .listener(event -> told.add(event.kind())));

    assertThatThrownBy(() -> cache.getAsync("a").join())
        .hasCauseInstanceOf(DeadlineExceededException.class);

    assertThat(told).containsExactly(Kind.READ_FAILED);
  }

  @Test
  void readAsync_executorRefuses_isToldAsAFailedRead() {
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options
                    .executor(
                        task -> {
                          throw new RejectedExecutionException("full");
                        })
                    .listener(event -> told.add(event.kind())));

    assertThatThrownBy(() -> cache.getAsync("a").join())
        .hasCauseInstanceOf(UnavailableException.class);

    assertThat(told).containsExactly(Kind.READ_FAILED);
  }
}
