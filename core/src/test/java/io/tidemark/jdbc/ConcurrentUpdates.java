package io.tidemark.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Many writers of one row, each of whose writes counts up a number in it: the number tells the
 * order of the commits, to which the versions are held.
 */
final class ConcurrentUpdates {
  private ConcurrentUpdates() {}

  /** What one write left: the number in the row, and the row's version. */
  record Written(int number, long version) {}

  /** Opens a connection, which its writer closes. */
  @FunctionalInterface
  interface Connect {
    Connection open() throws SQLException;
  }

  /** Writes once. */
  @FunctionalInterface
  interface Write {
    Written write(Connection connection) throws SQLException;
  }

  static void assertVersionsGrow(int threads, int writesPerThread, Connect connect, Write write)
      throws Exception {
    Map<Integer, Long> versionByNumber = new ConcurrentSkipListMap<>();
    CyclicBarrier start = new CyclicBarrier(threads);
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(
            executor.submit(
                () -> {
                  try (Connection own = connect.open()) {
                    start.await();
                    for (int j = 0; j < writesPerThread; j++) {
                      Written written = write.write(own);
                      versionByNumber.put(written.number(), written.version());
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      executor.shutdownNow();
    }

    assertThat(versionByNumber).hasSize(threads * writesPerThread);
    List<Long> inOrder = List.copyOf(versionByNumber.values());
    for (int i = 1; i < inOrder.size(); i++) {
      assertThat(inOrder.get(i)).as("version of write %d", i + 1).isGreaterThan(inOrder.get(i - 1));
    }
  }
}
