package io.tidemark.engine;

import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.Row;
import io.tidemark.VersionedCache;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many threads a cache has. */
class ThreadsTest {
  private final Fleet fleet = new Fleet();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void loads_oneAfterTheOther_shareAThread() {
    try (VersionedCache<String, String> cache = named("threads-one")) {
      for (int i = 0; i < 20; i++) {
        cache.get("key" + i);
        // Not before it waits for its next task, for which there would be no thread otherwise.
        await().until(() -> threads("threads-one").stream().allMatch(ThreadsTest::isIdle));
      }

      assertThat(threads("threads-one")).hasSize(1);
    }
  }

  @Test
  void loads_moreThanMaxLoadsAtOnce_waitWithoutAThread() throws Exception {
    Gate gate = new Gate();
    try (VersionedCache<String, String> cache =
        VersionedCache.<String, String>builder("threads-many")
            .profile(Fleet.PATIENT)
            .source(
                key -> {
                  gate.passUninterrupted();
                  return Row.present(key, 1);
                })
            .store(fleet.store)
            .locks(fleet.locks)
            .codec(new StringCodec())
            .maxLoads(2)
            .build()) {
      List<Future<String>> calls =
          IntStream.range(0, 5)
              .mapToObj(i -> fleet.callThatWaits(() -> cache.get("key" + i).orElseThrow()))
              .toList();

      assertThat(threads("threads-many")).hasSize(2);
      gate.open();
      for (int i = 0; i < calls.size(); i++) {
        assertThat(calls.get(i).get()).isEqualTo("key" + i);
      }
    }
  }

  private VersionedCache<String, String> named(String name) {
    return VersionedCache.<String, String>builder(name)
        .profile(Fleet.PATIENT)
        .source(key -> Row.present(key, 1))
        .store(fleet.store)
        .locks(fleet.locks)
        .codec(new StringCodec())
        .build();
  }

  private static List<Thread> threads(String cache) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("tidemark-" + cache + "-load-"))
        .toList();
  }

  private static boolean isIdle(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("getTask"));
  }
}
