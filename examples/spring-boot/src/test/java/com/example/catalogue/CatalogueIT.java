package com.example.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.catalogue.Instance.Answer;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.testkit.FreePort;
import java.io.EOFException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two instances on real servers, and the end of one of them. */
@Tag("longer")
class CatalogueIT {
  private static final int PAGE_SIZE = 50;

  /** How often an instance leaves and comes back: more often in the profile "thorough". */
  private static final int SHUTDOWNS = Integer.getInteger("tidemark.example.shutdowns", 1);

  /** Requests of each kind that wait for the database when the instance is told to leave. */
  private static final int UNDER_WAY = 3;

  private static final ExecutorService CLIENTS = Executors.newCachedThreadPool();

  @AfterAll
  static void stopClients() {
    CLIENTS.shutdownNow();
  }

  @Test
  void instances_two_loadOnceSeeEachOthersUpdatesAndLeaveWithoutAFailedRequest() throws Exception {
    ProcessGroup.run(
        group -> {
          Fleet fleet = Fleet.start(group);
          Instance first = fleet.startInstance("first", FreePort.any());
          Instance second = fleet.startInstance("second", FreePort.any());
          fleet.awaitReady(first);
          fleet.awaitReady(second);

          readThePageAtOnce(first, second);
          updateInTurns(first, second);
          updateAndRollBack(first, second);
          leaveUnderLoad(fleet, first, second, 1);
          for (int i = 2; i <= SHUTDOWNS; i++) {
            second = fleet.startInstance("second-" + i, second.port());
            fleet.awaitReady(second);
            leaveUnderLoad(fleet, first, second, i);
          }
          return 0;
        });
  }

  private static void readThePageAtOnce(Instance first, Instance second) throws Exception {
    List<Callable<Answer>> requests = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      requests.add(() -> first.get("/products?page=1"));
      requests.add(() -> second.get("/products?page=1"));
    }

    for (Future<Answer> page : CLIENTS.invokeAll(requests)) {
      assertThat(ids(page.get())).containsExactlyElementsOf(idsFrom(PAGE_SIZE + 1));
    }
    assertThat(loads(first) + loads(second)).isEqualTo(PAGE_SIZE);
  }

  private static void updateInTurns(Instance first, Instance second) throws IOException {
    for (int i = 1; i <= 20; i++) {
      Instance writer = i % 2 == 0 ? first : second;
      Instance reader = i % 2 == 0 ? second : first;

      Answer changed = writer.put("/products/51", change("Name " + i, i + ".50"));

      assertThat(changed).isEqualTo(product(51, "Name " + i, i + ".50"));
      assertThat(reader.get("/products/51")).isEqualTo(changed);
    }
  }

  /** The price breaks a rule of the second table, when the first has been written. */
  private static void updateAndRollBack(Instance first, Instance second) throws IOException {
    Answer before = first.get("/products/51");

    assertThat(first.put("/products/51", change("Free", "0.00")).status()).isEqualTo(500);

    assertThat(first.get("/products/51")).isEqualTo(before);
    assertThat(second.get("/products/51")).isEqualTo(before);
  }

  private static void leaveUnderLoad(Fleet fleet, Instance first, Instance second, int round)
      throws Exception {
    try (Load load = Load.start(List.of(first, second), CLIENTS)) {
      load.awaitAnswers(100);
      leaveWithRequestsUnderWay(fleet, first, second, round);
      load.awaitAnswers(100);
      assertThat(load.stop()).isEmpty();
      List<String> accepted = second.accepted();
      assertThat(accepted).contains("/products?page=0");
      assertThat(load.unanswered()).doesNotContainAnyElementsOf(accepted);
    }
  }

  /**
   * The table is locked, so that requests that the second instance has accepted are certainly under
   * way when it is told to leave, and until it listens no more.
   */
  private static void leaveWithRequestsUnderWay(
      Fleet fleet, Instance first, Instance second, int round) throws Exception {
    List<Future<Answer>> pages = new ArrayList<>();
    List<Future<Answer>> reads = new ArrayList<>();
    List<Future<Answer>> updates = new ArrayList<>();
    CompletableFuture<Void> end;
    try (Connection connection = fleet.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("lock table catalogue.product in access exclusive mode");
      for (int i = 0; i < UNDER_WAY; i++) {
        String update = "/products/" + (1 + i);
        String coldRead = "/products/" + (100 + round * UNDER_WAY + i);
        updates.add(CLIENTS.submit(() -> second.put(update, change("Round " + round, "1.00"))));
        reads.add(CLIENTS.submit(() -> read(coldRead, second, first)));
        pages.add(CLIENTS.submit(() -> read("/products?page=0", second, first)));
      }
      while (waiting(statement) < 3 * UNDER_WAY) {
        Thread.sleep(5);
      }
      end = fleet.end(second);
      while (second.isListening()) {
        Thread.sleep(5);
      }
      connection.rollback();
    }

    for (int i = 0; i < UNDER_WAY; i++) {
      Answer updated = product(1 + i, "Round " + round, "1.00");
      assertThat(updates.get(i).get()).isEqualTo(updated);
      assertThat(first.get("/products/" + (1 + i))).isEqualTo(updated);
      assertThat(reads.get(i).get().status()).isEqualTo(200);
      assertThat(ids(pages.get(i).get())).containsExactlyElementsOf(idsFrom(1));
    }
    end.get();
  }

  /**
   * Reads as through a balancer, as {@link Load} does: Spring Boot counts a request as finished a
   * moment before Tomcat sends its answer, and may stop Tomcat in between.
   */
  private static Answer read(String path, Instance instance, Instance other) throws IOException {
    try {
      return instance.get(path);
    } catch (EOFException e) {
      System.out.println(path + " was under way and got no answer");
      return other.get(path);
    }
  }

  private static int waiting(Statement statement) throws SQLException {
    try (ResultSet count =
        statement.executeQuery("select count(*) from pg_locks where not granted")) {
      count.next();
      return count.getInt(1);
    }
  }

  private static String change(String name, String price) {
    return "{\"name\":\"%s\",\"price\":%s}".formatted(name, price);
  }

  private static Answer product(int id, String name, String price) {
    return new Answer(200, "{\"id\":%d,\"name\":\"%s\",\"price\":%s}".formatted(id, name, price));
  }

  private static List<Long> ids(Answer page) {
    assertThat(page.status()).as(page.body()).isEqualTo(200);
    return Pattern.compile("\"id\":(\\d+)")
        .matcher(page.body())
        .results()
        .map(id -> Long.valueOf(id.group(1)))
        .toList();
  }

  private static List<Long> idsFrom(long first) {
    return LongStream.range(first, first + PAGE_SIZE).boxed().toList();
  }

  private static int loads(Instance instance) throws IOException {
    String counters = instance.get("/actuator/tidemark/catalogue").body();
    return Integer.parseInt(counters.replaceAll(".*\"loads\":(\\d+).*", "$1"));
  }
}
