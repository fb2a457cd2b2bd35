package io.tidemark.proof.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proof.failures.Page.Cell;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every cell of the tables of {@code docs/failures.md}: the fault is made, the call too, and its
 * answer compared with the page. The call can end by the limit that the page names, and by no
 * other. Whatever the answer, a read must give the committed row once the fault is mended, and one
 * that a neighbour writes meanwhile.
 *
 * <p>The cells of a server and a fault are played at once, each with a row of its own. So are
 * different faults, because each is of one process's network; but a server that is stopped is
 * nobody else's, and is stopped once for {@code RESTARTED} and once for {@code GONE}.
 */
@ExtendWith(ThreeServers.Shared.class)
@TestInstance(Lifecycle.PER_CLASS)
class FailurePageIT {
  private static final Duration ALL = FaultyWorld.PATIENCE.multipliedBy(10);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<Cell, CompletableFuture<String>> answers = new ConcurrentHashMap<>();

  @BeforeAll
  void play(ThreeServers servers) throws IOException {
    Stream.of(fail(), load(), stale(), failSafe())
        .flatMap(List::stream)
        .forEach(cell -> answers.put(cell, new CompletableFuture<>()));
    for (Server server : Server.values()) {
      for (Fault fault : Fault.values()) {
        if (fault.isOfTheNetwork()) {
          threads.execute(() -> play(servers, server, fault));
        }
      }
      threads.execute(() -> playStopping(servers, server));
    }
  }

  private void playStopping(ThreeServers servers, Server server) {
    try {
      ThreeServers own = servers.withOwn(server);
      try {
        play(own, server, Fault.RESTARTED);
        play(own, server, Fault.GONE);
      } finally {
        own.closeOwn(server);
      }
    } catch (Exception e) {
      fail(server, Fault.RESTARTED, e);
      fail(server, Fault.GONE, e);
    }
  }

  private void play(ThreeServers servers, Server server, Fault fault) {
    try (FaultyWorld world = new FaultyWorld(servers, server)) {
      List<Scene> scenes = cells(server, fault).map(cell -> new Scene(cell, world)).toList();
      each(scenes, Scene::prepare);
      world.begin(fault);
      try {
        each(scenes, scene -> scene.play(threads));
      } finally {
        world.end(fault);
      }
      each(scenes, Scene::check);
      scenes.forEach(scene -> answerOf(scene.cell()).complete(scene.answer()));
    } catch (Exception e) {
      fail(server, fault, e);
    }
  }

  private interface Step {
    void make(Scene scene) throws Exception;
  }

  /** Makes a step of all at once, but for those of which one has failed. */
  private void each(List<Scene> scenes, Step step) {
    CompletableFuture.allOf(
            scenes.stream()
                .filter(scene -> !answerOf(scene.cell()).isDone())
                .map(scene -> CompletableFuture.runAsync(() -> make(step, scene), threads))
                .toArray(CompletableFuture[]::new))
        .join();
  }

  private void make(Step step, Scene scene) {
    try {
      step.make(scene);
    } catch (Throwable t) {
      answerOf(scene.cell()).completeExceptionally(t);
    }
  }

  private void fail(Server server, Fault fault, Exception failure) {
    cells(server, fault).forEach(cell -> answerOf(cell).completeExceptionally(failure));
  }

  private Stream<Cell> cells(Server server, Fault fault) {
    return answers.keySet().stream()
        .filter(cell -> cell.server() == server && cell.fault() == fault);
  }

  private CompletableFuture<String> answerOf(Cell cell) {
    return Objects.requireNonNull(answers.get(cell));
  }

  @AfterAll
  void stop() throws Exception {
    threads.shutdown();
    assertThat(threads.awaitTermination(ALL.toSeconds(), TimeUnit.SECONDS)).isTrue();
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
  @MethodSource({"fail", "load", "stale", "failSafe"})
  void call_serverFails_answersAsThePageSays(Cell cell) throws Throwable {
    try {
      assertThat(answerOf(cell).get(ALL.toSeconds(), TimeUnit.SECONDS))
          .matches(cell::allows, cell.answer());
    } catch (ExecutionException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }
}
