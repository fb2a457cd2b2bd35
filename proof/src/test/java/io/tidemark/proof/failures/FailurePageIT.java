package io.tidemark.proof.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.VersionedCache;
import io.tidemark.proof.failures.Page.Cell;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every cell of the tables of {@code docs/failures.md}: the fault is made, the call too, and its
 * answer compared with the page. Whatever the answer, a read must give the committed row once the
 * fault is mended, and one that a neighbour writes meanwhile.
 */
@Tag("one-jdk")
@Timeout(120)
class FailurePageIT {
  private static final Duration DEADLINE = Duration.ofSeconds(1);
  private static final int ATTEMPTS = 3;
  private static final Clients.Limits LIMITS =
      new Clients.Limits(Duration.ofMillis(200), Duration.ofMillis(300), Duration.ofSeconds(2));

  private static World world;
  private static VersionedCache<String, String> failing;
  private static VersionedCache<String, String> loading;
  private static VersionedCache<String, String> stale;
  private static VersionedCache<String, String> failSafe;

  @BeforeAll
  static void start() throws Exception {
    world = new World(LIMITS);
    Clients process = world.process();
    failing = process.cache(options -> options.deadline(DEADLINE));
    loading = process.cache(options -> options.deadline(DEADLINE).onFallback(FallbackPolicy.LOAD));
    stale =
        process.cache(
            options ->
                options
                    .deadline(DEADLINE)
                    .grace(Duration.ofMinutes(10))
                    .onFallback(FallbackPolicy.STALE));
    failSafe =
        process.cache(
            options ->
                options
                    .deadline(DEADLINE)
                    .grace(Duration.ofMinutes(10))
                    .onLoadFailure(LoadFailurePolicy.STALE));
  }

  @AfterAll
  static void stop() throws Exception {
    world.close();
  }

  static List<Cell> fail() throws IOException {
    return Page.cells("FAIL");
  }

  static List<Cell> load() throws IOException {
    return Page.cells("LOAD");
  }

  static List<Cell> stale() throws IOException {
    return Page.cells("STALE");
  }

  static List<Cell> failSafe() throws IOException {
    return Page.cells("onLoadFailure(STALE)");
  }

  @Test
  void page_hasACellForEachServerFaultAndCall() throws IOException {
    assertThat(fail()).hasSize(3 * 5 * 3).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource
  void fail(Cell cell) throws Exception {
    check(cell, failing);
  }

  @ParameterizedTest
  @MethodSource
  void load(Cell cell) throws Exception {
    check(cell, loading);
  }

  @ParameterizedTest
  @MethodSource
  void stale(Cell cell) throws Exception {
    check(cell, stale);
  }

  @ParameterizedTest
  @MethodSource
  void failSafe(Cell cell) throws Exception {
    check(cell, failSafe);
  }

  /**
   * Plays a cell. A machine that stands still for longer than a client's limit makes another fault
   * of it, so a few attempts are allowed; data must be right in each.
   */
  private static void check(Cell cell, VersionedCache<String, String> cache) throws Exception {
    List<String> answers = new ArrayList<>();
    do {
      answers.add(play(cell, cache));
    } while (!cell.allows(answers.get(answers.size() - 1)) && answers.size() < ATTEMPTS);
    assertThat(answers).as("%s", cell).last().matches(cell::allows);
  }

  private static String play(Cell cell, VersionedCache<String, String> cache) throws Exception {
    String key = world.newRow(Call.OLD);
    // So that there are connections that a fault can break, also where the row is to be a miss.
    assertThat(World.readWhenMended(failing, world.newRow(Call.OLD))).isEqualTo(Call.OLD);
    switch (cell.call()) {
      case READ_HIT, UPDATE -> world.fillByNeighbour(key);
      case READ_EXPIRED -> world.fillExpiredByNeighbour(key);
      case READ_MISS -> {}
    }
    String answer;
    world.begin(cell.server(), cell.fault());
    if (cell.fault() == Fault.RESTARTED) {
      // Until then it is as with a server that is gone.
      world.process().awaitZooKeeper();
    }
    try {
      answer = cell.call().make(cache, world.process().items(), key);
      if (cell.fault().isOfTheNetwork()) {
        world.writeByNeighbour(key, "newer");
      }
    } finally {
      world.end(cell.server(), cell.fault());
    }
    assertThat(World.readWhenMended(failing, key)).isEqualTo(world.committed(key));
    world.writeByNeighbour(key, "newest");
    assertThat(World.readWhenMended(failing, key)).isEqualTo("newest");
    return answer;
  }
}
